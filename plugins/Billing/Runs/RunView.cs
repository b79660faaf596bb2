using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Web;
using NodaTime;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>What starts a run.</summary>
/// <param name="Period">A month, such as <c>2026-10</c>.</param>
sealed record StartRun([Month] string Period);

/// <summary>How far a run is.</summary>
sealed record RunView
{
    /// <summary>The month, such as <c>2026-10</c>.</summary>
    public required string Period { get; init; }

    /// <summary><c>open</c> or <c>done</c>.</summary>
    public required string State { get; init; }

    /// <summary>1 for the first, and one more each time parked accounts were billed again.</summary>
    public required int Attempt { get; init; }

    /// <summary>When it began, by the tenant's clock.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When it ended, by the tenant's clock; absent while it goes on.</summary>
    public Instant? FinishedAt { get; init; }

    /// <summary>How many accounts are where.</summary>
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

/// <summary>How many accounts are where.</summary>
/// <param name="Todo">Not looked at yet.</param>
/// <param name="TaxPending">Waiting for a tax engine that does not answer.</param>
/// <param name="Done">Billed.</param>
/// <param name="Parked">Left to a person.</param>
/// <param name="Nothing">Without anything to bill.</param>
sealed record RunCounts(int Todo, int TaxPending, int Done, int Parked, int Nothing);

/// <summary>What was issued in one currency.</summary>
/// <param name="Invoices">How many.</param>
/// <param name="Net">Without tax.</param>
/// <param name="Tax">The tax.</param>
/// <param name="Total">Both.</param>
sealed record RunTotal(int Invoices, Money Net, Money Tax, Money Total);

/// <summary>An account that a person must look at.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Reason">Why.</param>
sealed record ParkedAccount(CustomerId Customer, string Reason);

/// <summary>A line that could not be billed, and is owed all the same.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Subscription">Of which service.</param>
/// <param name="Component">What of it, such as <c>usage</c>.</param>
/// <param name="Period">For which days.</param>
/// <param name="Reason">Why, in a word.</param>
/// <param name="Detail">Why, in a sentence.</param>
sealed record HeldView(CustomerId Customer, SubscriptionId Subscription, string Component, DateRange Period, string Reason, string Detail);

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
