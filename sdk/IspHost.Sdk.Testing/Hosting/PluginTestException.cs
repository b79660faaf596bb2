namespace IspHost.Sdk.Testing;

/// <summary>A plugin did not do in a <see cref="PluginTestHost"/> what it must. The message says what was seen.</summary>
/// <remarks>It has no inner exception: one that passed through a plugin's code would hold on to the plugin.</remarks>
public sealed class PluginTestException(string message) : Exception(message);
