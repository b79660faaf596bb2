namespace IspHost.PluginRuntime;

/// <summary>A place where plugins offer something: an extension point and a name.</summary>
abstract class Slot(SlotKey key, string point, TimeSpan deadline, CallMetrics metrics)
{
    volatile PluginHome? owner;

    /// <summary>Where a generation keeps its offer for this slot; negative as long as no plugin has ever offered it.</summary>
    public int Number { get; set; } = -1;

    public SlotKey Key { get; } = key;

    /// <summary>The extension point's name, or the kind of contribution.</summary>
    public string Point { get; } = point;

    public string Name => Key.Name;

    public CallMetrics Metrics { get; } = metrics;

    /// <summary>Such as <c>tax/vat</c>.</summary>
    public string Title { get; } = $"{point}/{key.Name}";

    public TimeSpan Deadline { get; } = deadline;

    public PluginHome? Owner
    {
        get => owner;
        set => owner = value;
    }

    public abstract object Proxy { get; }

    public bool IsOffered => owner?.Current?.Find(Number) is not null;

    public ExtensionUnavailableException Unavailable(string reason) => new(Point, Name, reason);
}

/// <summary>Tells slots apart. Extensions are known by their name alone, everything else by its plugin and name.</summary>
readonly record struct SlotKey(Type Contract, string Plugin, string Name);

/// <inheritdoc/>
sealed class Slot<T> : Slot where T : class
{
    readonly TimeProvider time;

    public Slot(
        SlotKey key, string point, TimeSpan deadline, CallMetrics metrics, TimeProvider time, Func<Slot<T>, object> makeProxy)
        : base(key, point, deadline, metrics)
    {
        this.time = time;
        Proxy = makeProxy(this);
    }

    public override object Proxy { get; }

    /// <summary>Enters the current generation.</summary>
    /// <exception cref="ExtensionUnavailableException">Nobody offers it, or the tenant's breaker is open.</exception>
    public Lease<T> Acquire(TenantId tenant)
    {
        if (Owner is not { } home || !home.TryAcquire(out var generation))
            throw Unavailable("no plugin offers it");

        if (generation.Find(Number) is not { } offer)
        {
            generation.Release();
            throw Unavailable($"version {generation.Manifest.Version} of plugin {home.Id} does not offer it");
        }

        if (!offer.Breakers.Allows(tenant, out var watched))
        {
            generation.Release();
            Metrics.Refused(Title, "breaker");
            throw Unavailable($"plugin {home.Id} keeps failing");
        }

        return new Lease<T>(generation, offer, tenant, watched);
    }

    /// <summary>
    /// Calls under the deadline. The lease is held until the plugin's code really ends, even if the caller has long gone.
    /// </summary>
    public async Task<TResult> CallAsync<TState, TResult>(
        TenantId tenant, Func<T, TState, CancellationToken, ValueTask<TResult>> call, TState state, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var running = new GuardedCall<T, TState, TResult>(this, Acquire(tenant), call, state, time, cancellationToken);
        using var trace = RuntimeTraces.Begin(this, tenant);
        try
        {
            await running.EnterAsync();
            return await running.RunAsync();
        }
        catch (Exception cause) when (RuntimeTraces.Failed(trace, cause))
        {
            throw;
        }
    }
}

/// <summary>The right to call one generation for a tenant; disposing it gives it back. What came of the call must be told before.</summary>
readonly struct Lease<T>(Generation generation, Offer offer, TenantId tenant, WatchedCall? watched) : IDisposable where T : class
{
    public Generation Generation => generation;

    public Offer Offer => offer;

    public T Target => (T)offer.Implementation;

    public TenantId Tenant => tenant;

    public void Answered()
    {
        if (watched is not null)
            offer.Breakers.Answered(tenant, watched);
    }

    /// <summary>The code threw, or let the deadline pass.</summary>
    public void Unanswered() => offer.Breakers.Unanswered(tenant, watched);

    /// <summary>The caller lost interest.</summary>
    public void Abandoned() => watched?.Abandoned();

    public void Dispose() => generation.Release();
}
