using System.Collections.Immutable;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>What it costs that a plugin can be replaced: a call through its proxy, against a call of the same object.</summary>
static class ProxyCallBenchmark
{
    static readonly TenantId Tenant = TenantId.New();

    static readonly AccessProfile Profile = new() { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100) };

    static readonly TaxDocument Document = new()
    {
        Tenant = Tenant,
        Seller = new() { Country = "GR" },
        Buyer = new() { Country = "GR" },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 10, 31),
        Lines = [],
    };

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var host = new PluginHost(new PluginRuntimeOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        yield return await ComputingAsync(host, effort);
        yield return await AnsweringAsync(host, effort, "completed", new Engine(waits: false));
        yield return await AnsweringAsync(host, effort, "async", new Engine(waits: true));
    }

    /// <summary>An extension point that only computes: a lease and the breaker.</summary>
    static async Task<Result> ComputingAsync(PluginHost host, Effort effort)
    {
        var vendor = new Vendor();
        host.Offer<INasVendor>("bench", vendor);
        var calls = effort.Of(200_000, 2_000_000);
        var times = await Measurement.InTurnAsync(
            warmUps: 3, effort.Runs, ForVendor("proxy", host.Extensions.Get<INasVendor>("bench")), ForVendor("direct", vendor));
        return Described("proxy-call/sync", times, calls);

        Way ForVendor(string name, INasVendor called) => new(name, () => Task.FromResult(Measurement.Time(() =>
        {
            for (var i = 0; i < calls; i++)
                called.Authorize(Tenant, Profile, AccessMode.Full);
        })));
    }

    /// <summary>An extension point that may wait: with a deadline and a bulkhead as well, and on a thread of the pool.</summary>
    static async Task<Result> AnsweringAsync(PluginHost host, Effort effort, string kind, ITaxEngine engine)
    {
        host.Offer(kind, engine);
        var calls = effort.Of(20_000, 100_000);
        var times = await Measurement.InTurnAsync(
            warmUps: 3, effort.Runs, ForEngine("proxy", host.Extensions.Get<ITaxEngine>(kind)), ForEngine("direct", engine));
        return Described($"proxy-call/{kind}", times, calls);

        Way ForEngine(string name, ITaxEngine called) => new(name, () => Measurement.TimeAsync(async () =>
        {
            for (var i = 0; i < calls; i++)
                await called.QuoteAsync(Document, CancellationToken.None);
        }));
    }

    static Result Described(string name, TimeSpan[][] times, int calls)
    {
        var result = new Result(name, "ns/call", "the same object, called directly", times, time => time.TotalNanoseconds / calls);
        return result.With("added", Result.Rounded(result.Value - result.Baseline));
    }

    sealed class Vendor : INasVendor
    {
        static readonly ImmutableArray<RadiusAttribute> Attributes = [RadiusAttribute.Text(14988, 8, "10M/100M")];

        public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access) => Attributes;

        public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access) => null;

        public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session) => [];
    }

    sealed class Engine(bool waits) : ITaxEngine
    {
        static readonly TaxQuote Quote = new TaxQuote.Quoted([]);

        public async ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
        {
            if (waits)
                await Task.Yield();
            return Quote;
        }
    }
}
