using System.Diagnostics.CodeAnalysis;

namespace IspHost.PluginRuntime;

/// <summary>The place of one plugin. It stays while generations come and go; writing <see cref="Current"/> is the switch.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle has nothing to dispose.")]
sealed class PluginHome(string id, TimeProvider time)
{
    readonly Lock gate = new();
    readonly SemaphoreSlim changing = new(1, 1);
    readonly List<WeakReference> leaked = [];
    volatile Generation? current;
    PluginState state = PluginState.Loading;
    DateTimeOffset since = time.GetUtcNow();
    string name = id;
    string? lastError;
    int draining;
    int dying;

    public string Id { get; } = id;

    /// <summary>The number of the last generation that served.</summary>
    public int LastNumber { get; set; }

    public Generation? Current
    {
        get => current;
        set => current = value;
    }

    /// <summary>The events that the generation wants which serves, or served last.</summary>
    public PluginSubscriptions? Subscriptions { get; set; }

    /// <summary>Takes a lease on whatever is current.</summary>
    public bool TryAcquire([NotNullWhen(true)] out Generation? generation)
    {
        // A generation that lets nobody in has been replaced before it was retired: the next look finds its successor.
        while ((generation = current) is not null)
        {
            if (generation.TryAcquire())
                return true;
        }

        return false;
    }

    public void Enter(PluginState entered)
    {
        lock (gate)
        {
            (state, since, lastError) = (entered, time.GetUtcNow(), null);
            name = current?.Manifest.Name ?? name;
        }
    }

    public void Fail(string error)
    {
        lock (gate)
        {
            lastError = error;
            if (current is null)
                (state, since) = (PluginState.Failed, time.GetUtcNow());
        }
    }

    /// <summary>Waits until nobody else changes the plugin. Disposing the answer lets the next one in.</summary>
    public async Task<IDisposable> ChangeAsync(CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        return new Change(changing);
    }

    public void BeginDrain() => Interlocked.Increment(ref draining);

    public void EndDrain() => Interlocked.Decrement(ref draining);

    public void BeginProof() => Interlocked.Increment(ref dying);

    /// <param name="stillThere">What could not be proven gone; null if it is gone.</param>
    public void EndProof(WeakReference? stillThere)
    {
        lock (gate)
        {
            if (stillThere is not null)
                leaked.Add(stillThere);
            dying--;
        }
    }

    public PluginStatus Status()
    {
        lock (gate)
        {
            leaked.RemoveAll(context => !context.IsAlive);
            return new PluginStatus
            {
                Id = Id,
                Name = name,
                Current = current?.Name,
                State = state,
                Since = since,
                LastError = lastError,
                OpenLeases = current?.OpenLeases ?? 0,
                Draining = draining,
                Dying = dying,
                LeakedContexts = leaked.Count,
                Offers = Offers(),
                OpenBreakers = [.. OpenBreakers()],
            };
        }
    }

    sealed class Change(SemaphoreSlim changing) : IDisposable
    {
        public void Dispose() => changing.Release();
    }

    string[] Offers()
        => [.. (current?.Offers ?? []).Select(offer => offer.Slot.Title).Order(StringComparer.Ordinal)];

    IEnumerable<OpenBreaker> OpenBreakers()
        => from offer in current?.Offers ?? []
           let tenants = offer.Breakers.Open
           where tenants > 0
           orderby offer.Slot.Title
           select new OpenBreaker(offer.Slot.Title, tenants);
}
