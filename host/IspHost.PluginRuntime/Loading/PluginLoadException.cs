namespace IspHost.PluginRuntime;

/// <summary>A version of a plugin was refused. What ran before goes on.</summary>
/// <remarks>
/// It has no inner exception: an exception that passed through a plugin's code holds on to the plugin. What can be said about the
/// cause is in the message and in <see cref="Details"/>.
/// </remarks>
/// <param name="plugin">The plugin's id, or the folder's name if it has no readable manifest.</param>
/// <param name="step">
/// How far it came: <c>manifest</c>, <c>gate</c>, <c>load</c>, <c>configure</c>, <c>migrate</c>, <c>listen</c> or <c>switch</c>.
/// </param>
/// <param name="reason">Why.</param>
/// <param name="details">The cause with its stack, as text.</param>
public sealed class PluginLoadException(string plugin, string step, string reason, string? details = null)
    : Exception($"Plugin {plugin} was refused ({step}): {reason}.")
{
    /// <summary>The plugin's id, or the folder's name if it has no readable manifest.</summary>
    public string Plugin { get; } = plugin;

    /// <summary>How far it came.</summary>
    public string Step { get; } = step;

    /// <summary>The cause with its stack, as text; null if the message says it all.</summary>
    public string? Details { get; } = details;
}
