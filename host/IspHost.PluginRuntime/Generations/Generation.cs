using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using McMaster.NETCore.Plugins;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.PluginRuntime;

/// <summary>One load of one version of a plugin: the only place that holds objects of the plugin.</summary>
/// <remarks>
/// Whoever calls the plugin takes a lease first. The generation holds one of its own until it is retired; when the count reaches
/// zero nobody is inside, and nobody can come in.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Its token sources have nothing to dispose, and late callers may look at them.")]
sealed class Generation(int number, PluginManifest manifest)
{
    readonly TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource retiring = new();
    readonly CancellationTokenSource stopping = new();
    int leases = 1;
    Offer?[] offers = [];
    Dictionary<string, RequestDelegate> routes = [];
    ServiceProvider? container;
    PluginLoader? loader;

    public int Number { get; } = number;

    public PluginManifest Manifest { get; } = manifest;

    public PluginGeneration Name { get; } = new(manifest.Version.ToNormalizedString(), number);

    /// <summary>Leases held by callers.</summary>
    public int OpenLeases => Math.Max(0, Volatile.Read(ref leases) - (retiring.IsCancellationRequested ? 0 : 1));

    /// <summary>Cancelled when another generation has taken over: loops that feed this one end.</summary>
    public CancellationToken Retiring => retiring.Token;

    /// <summary>Cancelled when the time to drain is over: calls that still run are told to end.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>What was described of its endpoints: text, and nothing of the plugin.</summary>
    public byte[]? Description { get; set; }

    public ServiceProvider Container => container ?? throw new ObjectDisposedException(Manifest.Id);

    public IEnumerable<Offer> Offers => offers.OfType<Offer>();

    /// <summary>One exchange up, one decrement down: the whole cost of being replaceable.</summary>
    public bool TryAcquire()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref leases);
            if (seen == 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref leases, seen + 1, seen) != seen);

        return true;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref leases) == 0)
            empty.TrySetResult();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Offer? Find(int slot)
    {
        var all = offers;
        return (uint)slot < (uint)all.Length ? all[slot] : null;
    }

    public RequestDelegate? FindRoute(string key) => routes.GetValueOrDefault(key);

    public void Own(PluginLoader owned) => loader = owned;

    public void Own(ServiceProvider owned) => container = owned;

    public void Fill(Offer?[] bySlot, Dictionary<string, RequestDelegate> byKey)
    {
        routes = byKey;
        offers = bySlot;
    }

    /// <summary>Lets nobody in any more, and tells the loops that feed this generation.</summary>
    public void Retire()
    {
        retiring.Cancel();
        Release();
    }

    /// <returns>False if callers were still inside when the time was over.</returns>
    public async Task<bool> DrainAsync(TimeSpan max, TimeProvider time)
    {
        try
        {
            await empty.Task.WaitAsync(max, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void CancelCalls() => stopping.Cancel();

    public async Task DisposeContainerAsync()
    {
        if (Interlocked.Exchange(ref container, null) is { } disposed)
            await disposed.DisposeAsync();
    }

    /// <summary>Drops everything of the plugin's.</summary>
    /// <returns>The load context, to be proven dead; null if there never was one.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public WeakReference? Unload()
    {
        offers = [];
        routes = [];
        container = null;
        if (Interlocked.Exchange(ref loader, null) is not { } unloaded)
            return null;

        var context = new WeakReference(unloaded.LoadContext, trackResurrection: true);
        unloaded.Dispose();
        return context;
    }
}
