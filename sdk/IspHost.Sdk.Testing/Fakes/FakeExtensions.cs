using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace IspHost.Sdk.Testing;

/// <summary>Extensions that a test adds, replaces and takes away. As in the host, what was got stays valid through all of it.</summary>
public sealed class FakeExtensions : IExtensions
{
    readonly ConcurrentDictionary<(Type Point, string Name), object> offered = [];

    /// <summary>Offers an implementation, or replaces the one before: the next call goes to it.</summary>
    public void Add<TPoint>(string name, TPoint implementation) where TPoint : class => offered[(typeof(TPoint), name)] = implementation;

    /// <summary>Takes an implementation away: the next call throws <see cref="ExtensionUnavailableException"/>.</summary>
    public void Remove<TPoint>(string name) where TPoint : class => offered.TryRemove((typeof(TPoint), name), out _);

    /// <inheritdoc/>
    public TPoint Get<TPoint>(string name) where TPoint : class
    {
        var point = PointOf<TPoint>();
        var proxy = DispatchProxy.Create<TPoint, Forward>();
        ((Forward)(object)proxy).Target = () => offered.GetValueOrDefault((typeof(TPoint), name))
            ?? throw new ExtensionUnavailableException(point.Name, name, "no plugin offers it");
        return proxy;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names<TPoint>() where TPoint : class
        => [.. offered.Keys.Where(key => key.Point == typeof(TPoint)).Select(key => key.Name).Order(StringComparer.Ordinal)];

    static ExtensionPointAttribute PointOf<TPoint>() => typeof(TPoint).GetCustomAttribute<ExtensionPointAttribute>()
        ?? throw new ArgumentException($"{typeof(TPoint).Name} is not an extension point.");

#pragma warning disable CA1852 // A proxy derives from this class at run time.
    class Forward : DispatchProxy
#pragma warning restore CA1852
    {
        public Func<object> Target { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                return targetMethod!.Invoke(Target(), args);
            }
            catch (TargetInvocationException thrown)
            {
                ExceptionDispatchInfo.Throw(thrown.InnerException!);
                throw;
            }
        }
    }
}
