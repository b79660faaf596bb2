using System.Diagnostics;
using IspHost.Core.Network;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Benchmarks;

/// <summary>What the first login of a service pays for its address: in a pool that is nearly full against one that is empty.</summary>
sealed class AddressesBenchmark : IAsyncDisposable
{
    /// <summary>Of 65,534.</summary>
    const int Used = 64_000;

    const int AtOnce = 4;

    readonly Opened opened = new();
    readonly Dictionary<string, Queue<SubscriptionId>> waiting = [];
    TestDatabase database = null!;
    AddressBook book = null!;
    TenantId tenant;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        var (rounds, logins) = (effort.Of(quick: 2, full: 7), effort.Of(quick: 50, full: 150));
        await using var bench = new AddressesBenchmark();
        await bench.OpenAsync((rounds + 1) * logins);
        var times = await Measurement.InTurnAsync(
            warmUps: 1, rounds,
            new("full", () => bench.AssignAsync("full", logins)), new("empty", () => bench.AssignAsync("empty", logins)));
        yield return new Result(
            "addresses", "us/login", "the same in an empty pool", times, time => time.TotalMicroseconds / logins)
            .With("used", Used).With("at_once", AtOnce).With("fsync", true);
    }

    public ValueTask DisposeAsync() => opened.DisposeAsync();

    async Task OpenAsync(int logins)
    {
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        database = opened.Add(await postgres.CreateAsync());
        tenant = await database.AddTenantAsync("bench");
        await database.ScalarAsync<object>($"""
            insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
            values ('{tenant}', '{tenant}', '1', 'A customer', 'GR', 'home', '2026-01-01')
            """);
        await AddPoolAsync("full", "100.64.0.0/16", logins);
        await AddPoolAsync("empty", "100.65.0.0/16", logins);
        var used = await AddServicesAsync("used", Used);
        book = new AddressBook(new TenantSql(database.Database));
        await Parallel.ForEachAsync(
            used, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (service, stop) => await book.AssignAsync(tenant, service, "full", stop));
        await database.ScalarAsync<object>("vacuum analyze");
    }

    async Task<TimeSpan> AssignAsync(string pool, int logins)
    {
        var services = Enumerable.Range(0, logins).Select(_ => waiting[pool].Dequeue()).ToList();
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(services, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (service, stop) =>
        {
            if (await book.AssignAsync(tenant, service, pool, stop) is null)
                throw new InvalidOperationException($"The pool {pool} has no address left.");
        });
        return Stopwatch.GetElapsedTime(start);
    }

    async Task AddPoolAsync(string name, string prefix, int logins)
    {
        await database.ScalarAsync<object>($"""
            insert into host.address_pool (tenant_id, name) values ('{tenant}', '{name}');
            insert into host.pool_prefix (tenant_id, id, pool, prefix, kind, piece_length, pieces, next_piece)
            values ('{tenant}', gen_random_uuid(), '{name}', '{prefix}', 'v4', 32, 65535, 1)
            """);
        await AddServicesAsync(name, logins);
    }

    async Task<Queue<SubscriptionId>> AddServicesAsync(string name, int count)
    {
        var ids = await database.ScalarAsync<Guid[]>($"""
            with added as (
              insert into host.subscription (tenant_id, id, customer_id, state, user_name, password)
              select '{tenant}', gen_random_uuid(), '{tenant}', 'active', '{name}-' || i, '' from generate_series(1, {count}) i
              returning id)
            select array_agg(id) from added
            """);
        return waiting[name] = new Queue<SubscriptionId>(ids!.Select(id => new SubscriptionId(id)));
    }
}
