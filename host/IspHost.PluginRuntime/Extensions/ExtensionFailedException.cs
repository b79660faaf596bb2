namespace IspHost.PluginRuntime;

/// <summary>Code of a plugin threw. What it had done until then is unknown.</summary>
/// <remarks>
/// It stands for the plugin's exception, which is not passed on: an exception holds on to the code that it passed through, and its
/// type may be the plugin's own.
/// </remarks>
/// <param name="point">The extension point, or the kind of contribution.</param>
/// <param name="name">The name under which it is offered.</param>
/// <param name="typeName">The full name of the exception's type.</param>
/// <param name="reason">The exception's message.</param>
/// <param name="details">The exception with its stack, as text.</param>
public sealed class ExtensionFailedException(string point, string name, string typeName, string reason, string details)
    : Exception($"The {point} extension '{name}' failed: {typeName}: {reason}")
{
    /// <summary>The extension point, or the kind of contribution.</summary>
    public string Point { get; } = point;

    /// <summary>The name under which it is offered.</summary>
    public string Name { get; } = name;

    /// <summary>The full name of the exception's type.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>The exception's message.</summary>
    public string Reason { get; } = reason;

    /// <summary>The exception with its stack, as text.</summary>
    public string Details { get; } = details;

    internal static ExtensionFailedException Of(Exception thrown, string point, string name)
        => new(point, name, thrown.GetType().FullName ?? "", TextOf(thrown, e => e.Message), TextOf(thrown, e => e.ToString()));

    /// <summary>The plugin's exception may throw when it is asked for its text.</summary>
    static string TextOf(Exception thrown, Func<Exception, string> text)
    {
        try
        {
            return text(thrown);
        }
        catch (Exception) // A boundary to foreign code.
        {
            return "(no message)";
        }
    }
}
