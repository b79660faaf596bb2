namespace IspHost.Sdk;

/// <summary>Finds what other plugins, or the host, offer at an extension point.</summary>
[HostService]
public interface IExtensions
{
    /// <summary>What is offered under this name, whether or not a plugin offers it at the moment.</summary>
    /// <remarks>
    /// The answer stays valid for the life of the process and may be kept. Each call through it runs in the generation of the
    /// plugin that is current when the call starts.
    /// </remarks>
    /// <typeparam name="TPoint">An interface marked with <see cref="ExtensionPointAttribute"/>.</typeparam>
    TPoint Get<TPoint>(string name) where TPoint : class;

    /// <summary>What is offered under this name now; null if nothing is. For names that come from outside.</summary>
    /// <typeparam name="TPoint">An interface marked with <see cref="ExtensionPointAttribute"/>.</typeparam>
    TPoint? Find<TPoint>(string name) where TPoint : class => Names<TPoint>().Contains(name) ? Get<TPoint>(name) : null;

    /// <summary>The names under which something is offered now, in alphabetical order.</summary>
    IReadOnlyList<string> Names<TPoint>() where TPoint : class;
}

/// <summary>A call went to an extension that no plugin offers, or whose plugin is failing.</summary>
/// <remarks>Nothing happened. The same call may succeed later.</remarks>
public sealed class ExtensionUnavailableException(string point, string name, string reason)
    : Exception($"The {point} extension '{name}' is not available: {reason}.")
{
    /// <summary>The extension point.</summary>
    public string Point { get; } = point;

    /// <summary>The name asked for.</summary>
    public string Name { get; } = name;
}
