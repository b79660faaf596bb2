using System.Diagnostics.CodeAnalysis;

namespace IspHost.PluginRuntime;

/// <summary>The place of one plugin. It stays while generations come and go; writing <see cref="Current"/> is the switch.</summary>
sealed class PluginHome(string id, TimeProvider time)
{
    readonly Lock gate = new();
    readonly List<WeakReference> leaked = [];
    volatile Generation? current;
    PluginState state = PluginState.Loading;
    DateTimeOffset since = time.GetUtcNow();
    string name = id;
    string? lastError;
    int draining;

    public string Id { get; } = id;

    /// <summary>The number of the last generation that served.</summary>
    public int LastNumber { get; set; }

    public Generation? Current
    {
        get => current;
        set => current = value;
    }

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

    public async Task<RetirementReport> EndAsync(Generation generation, Retirement retirement)
    {
        Interlocked.Increment(ref draining);
        try
        {
            return await retirement.RetireAsync(generation, this);
        }
        finally
        {
            Interlocked.Decrement(ref draining);
        }
    }

    public void Remember(WeakReference context)
    {
        lock (gate)
            leaked.Add(context);
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
                LeakedContexts = leaked.Count,
                Offers = OffersThat(_ => true),
                OpenBreakers = OffersThat(offer => offer.Breaker.IsOpen),
            };
        }
    }

    string[] OffersThat(Func<Offer, bool> match)
        => [.. (current?.Offers ?? []).Where(match).Select(offer => $"{offer.Slot.Point}/{offer.Slot.Name}").Order(StringComparer.Ordinal)];
}
