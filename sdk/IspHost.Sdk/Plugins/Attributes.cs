namespace IspHost.Sdk;

/// <summary>Marks an interface that plugins implement and the host, or another plugin through the host, calls.</summary>
/// <param name="name">The point's name in manifests and documents.</param>
/// <param name="version">The contract's version: it goes up when a plugin built for the one before would break.</param>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ExtensionPointAttribute(string name, int version) : Attribute
{
    /// <summary>The point's name in manifests and documents.</summary>
    public string Name { get; } = name;

    /// <summary>The contract's version.</summary>
    public int Version { get; } = version;

    /// <summary>How long one call may take before the caller gets a <see cref="TimeoutException"/>.</summary>
    public int DeadlineSeconds { get; init; } = 10;
}

/// <summary>Marks an interface that the host implements and plugins call. They get it from their container.</summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class HostServiceAttribute : Attribute;
