using System.Diagnostics;
using IspHost.Core.Work;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Benchmarks;

/// <summary>What a node asks of the database while none of 10,000 tenants has anything to do, against what it asked before.</summary>
/// <remarks>
/// Before, it looked through all tenants for events every two seconds, for wake-ups every five, and for jobs every ten, with three
/// functions that are kept here. The time is that of all statements of so many seconds, one after the other.
/// </remarks>
sealed class IdleBenchmark : IAsyncDisposable
{
    /// <summary>About as many as a node with the shipped plugins has.</summary>
    static readonly Lane[] Lanes = [.. Enumerable.Range(0, 10).Select(i => new Lane("event", "Shop", $"event.{i} Handler"))];

    static readonly (string Function, double EverySeconds, int StatementsPerTenant)[] Before =
        [("tenants_with_events", 2, 2), ("tenants_with_wake_ups", 5, 2), ("tenants_with_jobs", 10, 2)];

    readonly Opened opened = new();
    readonly int tenants;
    TestDatabase database = null!;
    NpgsqlDataSource owner = null!;

    IdleBenchmark(int tenants) => this.tenants = tenants;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var bench = new IdleBenchmark(effort.Of(1_000, 10_000));
        await bench.OpenAsync();
        const int Seconds = 10;
        var times = await Measurement.InTurnAsync(
            warmUps: 1, effort.Runs,
            new("one table", () => Measurement.TimeAsync(() => bench.LookAsync(Seconds))),
            new("a loop over tenants", () => Measurement.TimeAsync(() => bench.LoopAsync(Seconds))));
        var looks = effort.Of(100, 1_000);
        var (start, cpu) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
        await bench.LookAsync(looks);
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        var waited = Stopwatch.GetElapsedTime(start);
        var statements = Before.Sum(before => (1 + (before.StatementsPerTenant * bench.tenants)) / before.EverySeconds);
        yield return new Result(
            "idle", "ms/s", "three functions that loop over all tenants", times, time => time.TotalMilliseconds / Seconds)
            .With("tenants", bench.tenants)
            .With("statements_per_second", 1).With("statements_per_second_before", Result.Rounded(statements))
            .With("node_percent_of_a_core", PercentOf(cpu)).With("database_percent_of_a_core_at_most", PercentOf(waited))
            .Within(30);

        // A look a second.
        System.Text.Json.Nodes.JsonNode PercentOf(TimeSpan time) => Result.Rounded(time.TotalSeconds / looks * 100);
    }

    public ValueTask DisposeAsync() => opened.DisposeAsync();

    async Task OpenAsync()
    {
        var postgres = opened.Add(new PostgresFixture());
        await postgres.InitializeAsync();
        database = opened.Add(await postgres.CreateAsync());
        owner = opened.Add(NpgsqlDataSource.Create(database.OwnerConnection));
        await using var command = owner.CreateCommand($"""
            insert into host.tenant (id, code, legal_name, country, currency, zone, tax_engine)
            select gen_random_uuid(), 't-' || n, 't', 'GR', 'EUR', 'Europe/Athens', 'vat' from generate_series(1, {tenants}) n;
            alter table host.outbox add column spread_at timestamptz;
            create index on host.outbox (tenant_id, id) where spread_at is null;
            create index on host.delivery (tenant_id, next_at) where done_at is null and not dead;
            create index on host.job_run (tenant_id) where state = 'running';
            create index on host.actor (tenant_id, wake_at) where wake_at is not null;
            {Loop("tenants_with_events", """
                exists (select from host.outbox where tenant_id = tenant and spread_at is null)
                or exists (select from host.delivery where tenant_id = tenant and done_at is null and not dead and next_at <= now())
                """)}
            {Loop("tenants_with_jobs", "exists (select from host.job_run where tenant_id = tenant and state = 'running')")}
            {Loop("tenants_with_wake_ups", "exists (select from host.actor where tenant_id = tenant and wake_at <= now())")}
            analyze;
            """);
        await command.ExecuteNonQueryAsync();
    }

    async Task LookAsync(int seconds)
    {
        var rows = new DueRows(database.Database);
        for (var i = 0; i < seconds; i++)
            await rows.LookAsync(Lanes, CancellationToken.None);
    }

    async Task LoopAsync(int seconds)
    {
        foreach (var (function, every, _) in Before)
        {
            for (var i = 0; i < seconds / every; i++)
            {
                await using var command = database.Database.Connections.CreateCommand($"select host.{function}()");
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    static string Loop(string name, string condition) => $"""
        create function host.{name}() returns setof uuid language plpgsql as $$
        declare
          tenant uuid;
        begin
          for tenant in select id from host.tenant loop
            perform set_config('app.tenant', tenant::text, true);
            if {condition} then
              return next tenant;
            end if;
          end loop;
          perform set_config('app.tenant', '', true);
        end $$;
        """;
}
