using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>What starts a run.</summary>
/// <param name="Period">A month, such as <c>2026-10</c>.</param>
sealed record StartRun(string? Period);

/// <summary>How far a run is.</summary>
sealed record RunView
{
    public required string Period { get; init; }

    /// <summary><c>open</c> or <c>done</c>.</summary>
    public required string State { get; init; }

    public required int Attempt { get; init; }

    public required Instant StartedAt { get; init; }

    public Instant? FinishedAt { get; init; }

    public required RunCounts Accounts { get; init; }

    /// <summary>What was issued, by currency.</summary>
    public required IReadOnlyList<RunTotal> Totals { get; init; }

    /// <summary>The first accounts that a person must look at.</summary>
    public required IReadOnlyList<ParkedAccount> Parked { get; init; }

    /// <summary>The first lines that could not be billed.</summary>
    public required IReadOnlyList<HeldView> Held { get; init; }

    /// <summary>Why the last piece of work had to be tried again, if it had to.</summary>
    public string? Error { get; init; }
}

sealed record RunCounts(int Todo, int TaxPending, int Done, int Parked, int Nothing);

sealed record RunTotal(int Invoices, MoneyView Net, MoneyView Tax, MoneyView Total);

sealed record ParkedAccount(CustomerId Customer, string Reason);

sealed record HeldView(CustomerId Customer, SubscriptionId Subscription, string Component, DateRange Period, string Reason, string Detail);

sealed record RunList(IReadOnlyList<RunView> Items);

/// <summary>What came of a run, or has come of it so far.</summary>
sealed record RunOutcome(RunCounts Accounts, IReadOnlyList<RunTotal> Totals);

/// <summary>Reads runs for people.</summary>
sealed class RunViews(BillingJson json)
{
    const int Shown = 100;

    public async Task<RunView> ReadAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, JobStatus? job, CancellationToken cancellationToken)
    {
        NpgsqlParameter[] Key() => [Arg(tenant.Value), Arg(run.Id)];
        var outcome = run.Outcome is { } known
            ? JsonSerializer.Deserialize(known, json.RunOutcome)!
            : await CountAsync(connection, tenant, run, cancellationToken);
        return new()
        {
            Period = BillRun.NameOf(run.Period),
            State = run.State,
            Attempt = run.Attempt,
            StartedAt = run.StartedAt,
            FinishedAt = run.FinishedAt,
            Accounts = outcome.Accounts,
            Totals = outcome.Totals,
            Parked = await connection.ReadAsync($"""
                select customer_id, reason from billing.bill_run_item where tenant_id = $1 and run_id = $2 and state = 'parked'
                order by customer_id limit {Shown}
                """, Key(), row => new ParkedAccount(new(row.GetGuid(0)), row.GetString(1)), cancellationToken),
            Held = await connection.ReadAsync($"""
                select customer_id, subscription_id, component, lower(period), upper(period), reason, detail from billing.held_line
                where tenant_id = $1 and run_id = $2 order by customer_id, subscription_id, component, period limit {Shown}
                """, Key(), Held, cancellationToken),
            Error = job?.Error,
        };
    }

    /// <summary>Counts all accounts and invoices of a run: once when it ends, and while it goes on whenever somebody looks.</summary>
    public static async Task<RunOutcome> CountAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, CancellationToken cancellationToken)
    {
        var counts = await connection.ReadAsync(
            "select state, count(*)::int from billing.bill_run_item where tenant_id = $1 and run_id = $2 group by state",
            [Arg(tenant.Value), Arg(run.Id)], row => (State: row.GetString(0), Count: row.GetInt32(1)), cancellationToken);
        int Count(string state) => counts.FirstOrDefault(count => count.State == state).Count;
        return new(
            new(Count("todo"), Count("tax_pending"), Count("done"), Count("parked"), Count("nothing")),
            await TotalsAsync(connection, tenant, run, cancellationToken));
    }

    static Task<List<RunTotal>> TotalsAsync(
        NpgsqlConnection connection, TenantId tenant, BillRun run, CancellationToken cancellationToken)
        => connection.ReadAsync("""
            select currency, count(*)::int, sum(net_minor)::bigint, sum(tax_minor)::bigint from billing.invoice
            where tenant_id = $1 and run_id = $2 group by currency order by currency
            """,
            [Arg(tenant.Value), Arg(run.Id)],
            row =>
            {
                var currency = Currency.Of(row.GetString(0));
                var (net, tax) = (Money.FromMinor(row.GetInt64(2), currency), Money.FromMinor(row.GetInt64(3), currency));
                return new RunTotal(row.GetInt32(1), net, tax, net + tax);
            }, cancellationToken);

    static HeldView Held(NpgsqlDataReader row)
        => new(
            new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), new(row.Date(3), row.Date(4)), row.GetString(5), row.GetString(6));
}
