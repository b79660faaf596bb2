namespace IspHost.Sdk;

/// <summary>The one class that a plugin's manifest names as its entry.</summary>
/// <remarks>
/// The host makes it with its parameterless constructor, once for each generation of the plugin that it loads, calls
/// <see cref="Configure"/> once and drops it. Statics, threads and subscriptions to events of the host outlive a generation and
/// keep it from being unloaded: let the container own what lives long.
/// </remarks>
public interface IPlugin
{
    /// <summary>Says what the plugin brings. An exception makes the host refuse this version; the one before goes on.</summary>
    void Configure(IPluginBuilder plugin);
}
