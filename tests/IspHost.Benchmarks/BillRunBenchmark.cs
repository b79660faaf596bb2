using FlatRating;
using IspHost.PluginRuntime;
using IspHost.Plugins.Billing;
using IspHost.Plugins.Tax.Vat;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IspHost.Benchmarks;

/// <summary>A bill run over all accounts of a tenant, against a COPY of the rows that it writes.</summary>
/// <remarks>
/// The run reads customers, contracts and usage from the host's own tables, rates usage and computes VAT through the proxies of the
/// plugin runtime, and works on its partitions beside each other, all as in the server.
/// </remarks>
sealed class BillRunBenchmark : IAsyncDisposable
{
    /// <summary>By the design: within three times the bare COPY.</summary>
    const double MostRatio = 3;

    static readonly JobRun Run = new() { Tenant = default, Key = "2026-10", Argument = "2026-10" };

    readonly Opened opened = new();
    TestDatabase database = null!;
    BillingRows rows = null!;
    IJob job = null!;
    TenantId tenant;
    TenantId tenth;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        var accounts = effort.Of(1_000, 10_000);
        await using var bench = new BillRunBenchmark();
        await bench.OpenAsync(accounts);
        await bench.BillAsync();
        await bench.rows.CaptureAsync();
        var times = await Measurement.InTurnAsync(
            warmUps: 1, effort.IsQuick ? 3 : 7,
            new("bill run", () => bench.CheckedAsync(bench.BillAsync)),
            new("copy", () => bench.CheckedAsync(() => bench.rows.CopyAsync(withForeignKeys: true))),
            new("copy without foreign keys", () => bench.CheckedAsync(() => bench.rows.CopyAsync(withForeignKeys: false))));
        var result = new Result(
            "bill-run", "us/account", "COPY of the same rows into the same tables, as superuser, without row-level security", times,
            time => time.TotalMicroseconds / accounts);
        var peaks = await bench.PeaksAsync();
        yield return result.Within(MostRatio * result.Baseline)
            .With("peak_mb", Result.Rounded(peaks.All)).With("peak_mb_of_a_tenth_of_the_accounts", Result.Rounded(peaks.Tenth))
            .With("copy_without_foreign_keys", Result.Rounded(result.Other(2)))
            .With("ratio_without_foreign_keys", Result.Rounded(result.Value / result.Other(2)))
            .With("accounts", accounts).With("rows", bench.rows.Count).With("fsync", true);
    }

    public ValueTask DisposeAsync() => opened.DisposeAsync();

    async Task OpenAsync(int accounts)
    {
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        database = opened.Add(await postgres.CreateAsync(("billing", typeof(BillingPlugin).Assembly)));
        tenant = await database.AddTenantAsync("bench");
        rows = new(database);
        await Subscribers.SeedAsync(database, tenant, accounts);
        tenth = await database.AddTenantAsync("tenth");
        await Subscribers.SeedAsync(database, tenth, accounts / 10);

        var plugins = opened.Add(new PluginHost(new PluginRuntimeOptions(), NullLoggerFactory.Instance, TimeProvider.System));
        var vat = FakePluginBuilder.Of(new VatPlugin());
        plugins.Offer("vat", vat.Extension<ITaxEngine>(opened.Add(vat.Build()), "vat"));
        plugins.Offer<IRatingRule>(Subscribers.UsageRule, new FlatRate());

        var billing = new FakePluginBuilder();
        HostReaders.AddTo(billing.Services, database).AddSingleton(plugins.Extensions);
        new BillingPlugin().Configure(billing);
        var services = opened.Add(billing.Build());
        await HostReaders.LoadAsync(services);
        job = (IJob)services.GetRequiredService(billing.Contributions.Single(contribution => contribution.Kind == "job").Type);
    }

    async Task BillAsync()
    {
        var run = Run with { Tenant = tenant };
        var partitions = await job.PrepareAsync(run, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, partitions).Select(partition => Task.Run(async () =>
        {
            while (await job.RunAsync(run, partition, CancellationToken.None) is JobStep.More)
            {
            }
        })));
        await job.FinishAsync(run, CancellationToken.None);
    }

    /// <summary>The most megabytes that a run holds, one partition after the other.</summary>
    async Task<(double All, double Tenth)> PeaksAsync()
    {
        await rows.ClearAsync();
        return (await PeakAsync(tenant), await PeakAsync(tenth));
    }

    async Task<double> PeakAsync(TenantId billed)
    {
        var run = Run with { Tenant = billed };
        var before = Held();
        var work = Task.Run(async () =>
        {
            var partitions = await job.PrepareAsync(run, CancellationToken.None);
            for (var partition = 0; partition < partitions; partition++)
            {
                while (await job.RunAsync(run, partition, CancellationToken.None) is JobStep.More)
                {
                }
            }
        });
        var peak = before;
        while (!work.IsCompleted)
        {
            peak = Math.Max(peak, Held());
            await Task.Delay(5);
        }
        await work;
        return (peak - before) / 1e6;
    }

    /// <summary>Bytes that are in use, and not only not collected yet.</summary>
    static long Held()
    {
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    async Task<TimeSpan> CheckedAsync(Func<Task> work)
    {
        await rows.ClearAsync();
        var time = await Measurement.TimeAsync(work);
        await rows.CheckAsync();
        return time;
    }
}
