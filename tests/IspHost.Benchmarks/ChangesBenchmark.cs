using System.Diagnostics;
using System.Globalization;
using System.Text;
using IspHost.Core.AccessLocks;
using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Core.Imports;
using IspHost.Core.Network;
using IspHost.Core.Subscribers;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Benchmarks;

/// <summary>How soon memory knows what the database does: after an import, and of a lock meanwhile; and what memory costs.</summary>
sealed class ChangesBenchmark : IAsyncDisposable
{
    static readonly TimeSpan BetweenLocks = TimeSpan.FromMilliseconds(50);

    readonly Opened opened = new();
    TestDatabase database = null!;
    MemoryNode node = null!;
    TenantId importing, locking;
    SubscriptionId locked;
    int names;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        var rows = effort.Of(1_000, 10_000);
        await using var bench = new ChangesBenchmark();
        await bench.OpenAsync();
        var imports = await Measurement.InTurnAsync(
            warmUps: 1, effort.Of(quick: 1, full: 3),
            new("import", () => bench.ImportAsync(rows)), new("one by one", () => bench.OneByOneAsync(rows)));
        yield return new Result(
            "changes/import", "ms until the last of them is let in", "each announced row read by five statements, one after the other",
            imports, time => time.TotalMilliseconds).Within(2000).With("subscribers", rows).With("fsync", true);

        var locks = await Measurement.InTurnAsync(
            warmUps: 1, effort.Of(quick: 1, full: 5),
            new("lock in an import", () => bench.SlowestLockAsync(() => bench.ImportAsync(rows))),
            new("lock alone", () => bench.SlowestLockAsync(() => Task.Delay(TimeSpan.FromSeconds(1)))));
        yield return new Result(
            "changes/lock", "ms from the commit to memory, the slowest", "the same while nothing else happens",
            locks, time => time.TotalMilliseconds).Within(1000).With("subscribers_imported_meanwhile", rows);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var fresh = bench.FreshDirectory();
        await fresh.LoadAsync(CancellationToken.None);
        var known = fresh.Count(bench.importing);
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        var loads = await Measurement.InTurnAsync(
            warmUps: 1, effort.Of(quick: 1, full: 5),
            new("load", () => Measurement.TimeAsync(() => bench.FreshDirectory().LoadAsync(CancellationToken.None))),
            new("read", () => Measurement.TimeAsync(bench.ReadRowsAsync)));
        GC.KeepAlive(fresh);
        yield return new Result(
            "changes/load", "us/subscriber", "reading names and passwords of the same services, and nothing else", loads,
            time => time.TotalMicroseconds / known).With("subscribers", known).With("bytes_per_subscriber", memory / known);
    }

    public ValueTask DisposeAsync() => opened.DisposeAsync();

    async Task OpenAsync()
    {
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        database = opened.Add(await postgres.CreateAsync());
        importing = await AddTenantAsync("importing");
        locking = await AddTenantAsync("locking");
        node = opened.Add(await MemoryNode.StartAsync(database));
        await ImportAsync(locking, "locked", 1);
        locked = node.Subscribers.Find(locking, "locked-0")!.Subscription;
    }

    async Task<TenantId> AddTenantAsync(string code)
    {
        var tenant = await database.AddTenantAsync(code);
        await database.ScalarAsync<object>($"""
            insert into host.plan (tenant_id, id, code) values ('{tenant}', '{tenant}', 'home');
            insert into host.plan_version (tenant_id, plan_id, version, name, published_at, up, down, throttled, session_limit,
              interim_seconds, currency, interval_months, timing, proration, tax_class)
            values ('{tenant}', '{tenant}', 1, 'home', now(), 1000000, 10000000, 512000, 1, 600, 'EUR', 1, 'advance', 'none', 'standard')
            """);
        return tenant;
    }

    Task<TimeSpan> ImportAsync(int count) => ImportAsync(importing, $"user-{++names}", count);

    /// <returns>How long it takes from the end of the import until its last subscriber is let in.</returns>
    async Task<TimeSpan> ImportAsync(TenantId tenant, string prefix, int count)
    {
        var file = new StringBuilder("username,password,plan\n");
        for (var i = 0; i < count; i++)
            file.Append(CultureInfo.InvariantCulture, $"{prefix}-{i},password-{i},home\n");
        using var text = new StringReader(file.ToString());
        var imports = node.Get<SubscriberImports>();
        var import = await imports.BeginAsync(
            new Caller(tenant, "key:bench", node.Get<TenantDirectory>().Now(tenant)), text, CancellationToken.None);
        while (await imports.GoOnAsync(tenant, import, CancellationToken.None))
        {
        }
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            while (node.Subscribers.Find(tenant, $"{prefix}-{i}") is null)
                await Task.Delay(1);
        }
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>What a node did before: for each announced row one reading, of everything that belongs to the service.</summary>
    async Task<TimeSpan> OneByOneAsync(int count)
    {
        List<SubscriptionId> ids;
        var tenants = node.Get<TenantDatabase<IspDb>>();
        await using (var db = tenants.Open(importing))
            ids = await db.Subscriptions.OrderByDescending(s => s.Id).Take(count).Select(s => s.Id).ToListAsync();
        return await Measurement.TimeAsync(async () =>
        {
            foreach (var id in ids)
            {
                await using var db = tenants.Open(importing);
                await db.Subscriptions.AsNoTracking().Where(s => s.Id == id).ToListAsync();
                await db.ContractTerms.AsNoTracking().Where(t => t.SubscriptionId == id).ToListAsync();
                await db.PlanVersions.AsNoTracking().ToListAsync();
                await db.AccessLocks.AsNoTracking().Where(l => l.SubscriptionId == id).ToListAsync();
                await db.AssignedAddresses.AsNoTracking().Where(a => a.SubscriptionId == id).ToListAsync();
            }
        });
    }

    async Task<TimeSpan> SlowestLockAsync(Func<Task> meanwhile)
    {
        var (slowest, other) = (TimeSpan.Zero, meanwhile());
        for (var isBlocked = true; !other.IsCompleted; isBlocked = !isBlocked)
        {
            var (mode, word) = isBlocked ? (AccessMode.Blocked, "blocked") : (AccessMode.Throttled, "throttled");
            await database.ScalarAsync<object>($"""
                insert into host.access_lock (tenant_id, subscription_id, reason, mode, since)
                values ('{locking}', '{locked}', 'admin', '{word}', now())
                on conflict (tenant_id, subscription_id, reason) do update set mode = excluded.mode
                """);
            var start = Stopwatch.GetTimestamp();
            while (node.Subscribers.Find(locking, locked)?.Access != mode)
                await Task.Delay(1);
            slowest = Stopwatch.GetElapsedTime(start) is var time && time > slowest ? time : slowest;
            await Task.Delay(BetweenLocks);
        }
        await other;
        return slowest;
    }

    SubscriberDirectory FreshDirectory()
        => new(node.Get<SubscriberReader>(), node.Get<TenantDirectory>(), node.Get<AddressBook>());

    async Task ReadRowsAsync()
    {
        await using var db = node.Get<TenantDatabase<IspDb>>().Open(importing);
        await db.Subscriptions.AsNoTracking().Select(s => new { s.UserName, s.Password }).ToListAsync();
    }
}
