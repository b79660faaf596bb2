namespace IspHost.PluginRuntime;

/// <summary>A manifest breaks a rule.</summary>
/// <param name="file">The manifest.</param>
/// <param name="field">The field at fault; empty if it is the file as a whole.</param>
/// <param name="rule">What it must be.</param>
public sealed class PluginManifestException(string file, string field, string rule)
    : Exception(field.Length == 0 ? $"{file}: {rule}." : $"{file}: \"{field}\" {rule}.")
{
    /// <summary>The manifest.</summary>
    public string File { get; } = file;

    /// <summary>The field at fault; empty if it is the file as a whole.</summary>
    public string Field { get; } = field;

    /// <summary>Which rule it is.</summary>
    public PluginRefusal Rule => Field.Length > 0 ? PluginRefusal.ManifestField : PluginRefusal.NoManifest;
}
