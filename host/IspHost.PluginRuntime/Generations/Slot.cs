namespace IspHost.PluginRuntime;

/// <summary>A place where plugins offer something: an extension point and a name. It stays for the life of the process.</summary>
abstract class Slot(int number, SlotKey key, string point, TimeSpan deadline, TimeProvider time)
{
    volatile PluginHome? owner;

    /// <summary>Where a generation keeps its offer for this slot.</summary>
    public int Number { get; } = number;

    public SlotKey Key { get; } = key;

    /// <summary>The extension point's name, or the kind of contribution.</summary>
    public string Point { get; } = point;

    public string Name => Key.Name;

    public TimeSpan Deadline { get; } = deadline;

    public PluginHome? Owner
    {
        get => owner;
        set => owner = value;
    }

    public abstract object Proxy { get; }

    public bool IsOffered => owner?.Current?.Find(Number) is not null;

    public Breaker NewBreaker(PluginRuntimeOptions options)
        => new(options.BreakerFailures, options.BreakerWindow, options.BreakerPause, time);

    public ExtensionUnavailableException Unavailable(string reason) => new(Point, Name, reason);
}

/// <summary>Tells slots apart. Extensions are known by their name alone, everything else by its plugin and name.</summary>
readonly record struct SlotKey(Type Contract, string Plugin, string Name);

/// <inheritdoc/>
sealed class Slot<T> : Slot where T : class
{
    readonly TimeProvider time;

    public Slot(int number, SlotKey key, string point, TimeSpan deadline, TimeProvider time, Func<Slot<T>, object> makeProxy)
        : base(number, key, point, deadline, time)
    {
        this.time = time;
        Proxy = makeProxy(this);
    }

    public override object Proxy { get; }

    /// <summary>Enters the current generation.</summary>
    /// <exception cref="ExtensionUnavailableException">Nobody offers it, or its breaker is open.</exception>
    public Lease<T> Acquire()
    {
        if (Owner is not { } home || !home.TryAcquire(out var generation))
            throw Unavailable("no plugin offers it");

        if (generation.Find(Number) is not { } offer)
        {
            generation.Release();
            throw Unavailable($"version {generation.Manifest.Version} of plugin {home.Id} does not offer it");
        }

        if (!offer.Breaker.Allows())
        {
            generation.Release();
            throw Unavailable($"plugin {home.Id} keeps failing");
        }

        return new Lease<T>(generation, offer);
    }

    /// <summary>
    /// Calls under the deadline. The lease is held until the plugin's code really ends, even if the caller has long gone.
    /// </summary>
    public async Task<TResult> CallAsync<TState, TResult>(
        Func<T, TState, CancellationToken, ValueTask<TResult>> call, TState state, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var running = new GuardedCall<T, TState, TResult>(this, Acquire(), call, state, time, cancellationToken);
        await running.EnterAsync();
        return await running.RunAsync();
    }
}

/// <summary>The right to call one generation; disposing it gives it back.</summary>
readonly struct Lease<T>(Generation generation, Offer offer) : IDisposable where T : class
{
    public Generation Generation => generation;

    public Offer Offer => offer;

    public T Target => (T)offer.Implementation;

    public void Dispose() => generation.Release();
}
