namespace IspHost.PluginRuntime;

/// <summary>A version of a plugin was refused. What ran before goes on.</summary>
/// <remarks>
/// It has no inner exception: an exception that passed through a plugin's code holds on to the plugin. What can be said about the
/// cause is in the message and in <see cref="Details"/>.
/// </remarks>
/// <param name="plugin">The plugin's id, or the name of the folder or file if it has no readable manifest.</param>
/// <param name="refusal">The rule that it broke.</param>
/// <param name="reason">Where, and how.</param>
/// <param name="details">The cause with its stack, as text.</param>
public sealed class PluginLoadException(string plugin, PluginRefusal refusal, string reason, string? details = null)
    : Exception($"Plugin {plugin} was refused ({refusal.Step}, {refusal.Code}): {reason}.")
{
    /// <summary>The plugin's id, or the name of the folder or file if it has no readable manifest.</summary>
    public string Plugin { get; } = plugin;

    /// <summary>The rule that it broke, and what can be done.</summary>
    public PluginRefusal Refusal { get; } = refusal;

    /// <summary>
    /// How far it came: <c>archive</c>, <c>trust</c>, <c>manifest</c>, <c>gate</c>, <c>load</c>, <c>configure</c>, <c>describe</c>,
    /// <c>migrate</c>, <c>listen</c>, <c>subscribe</c> or <c>switch</c>.
    /// </summary>
    public string Step => Refusal.Step;

    /// <summary>The cause with its stack, as text; null if the message says it all.</summary>
    public string? Details { get; } = details;
}
