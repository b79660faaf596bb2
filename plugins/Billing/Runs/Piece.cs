using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Logging;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Writes some accounts: all with one stroke, and one by one if the database refuses that.</summary>
/// <param name="connection">In the transaction of the piece.</param>
/// <param name="tenant">Whose accounts.</param>
/// <param name="writer">Writes them.</param>
/// <param name="again">Works out an account anew, from what the database holds now.</param>
/// <param name="log">For what was refused.</param>
sealed partial class Piece(
    NpgsqlConnection connection, Tenant tenant, InvoiceWriter writer, Func<RunItem, Task<AccountBill>> again, ILogger log)
{
    const string Savepoint = "piece";

    public async Task WriteAsync(IReadOnlyList<AccountBill> bills, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(bills, cancellationToken) is null)
        {
            await ParkAsync(bills, cancellationToken);
            return;
        }
        var written = new List<AccountBill>();
        foreach (var bill in bills)
            written.Add(await WriteAloneAsync(bill, cancellationToken));
        await ParkAsync(written, cancellationToken);
    }

    async Task<AccountBill> WriteAloneAsync(AccountBill bill, CancellationToken cancellationToken)
    {
        var refusal = await RefusalAsync([bill], cancellationToken);
        if (refusal is { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation })
        {
            // Another run has billed the same at this moment: what it has written can be seen by now.
            bill = await again(bill.Item);
            refusal = await RefusalAsync([bill], cancellationToken);
        }
        if (refusal is null)
            return bill;
        LogRefused(bill.Item.Customer, refusal.SqlState, refusal.MessageText);
        bill.Park($"{refusal.MessageText} ({refusal.SqlState})");
        return await RefusalAsync([bill], cancellationToken) is { } stillRefused ? throw stillRefused : bill;
    }

    /// <summary>Writes the accounts, or nothing of them.</summary>
    /// <returns>What the database has against them; null if it took them.</returns>
    async Task<PostgresException?> RefusalAsync(IReadOnlyList<AccountBill> bills, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"savepoint {Savepoint}", [], cancellationToken);
        try
        {
            await writer.WriteAsync(bills, cancellationToken);
            return null;
        }
        catch (PostgresException refusal) when (IsAboutTheRows(refusal))
        {
            await connection.ExecuteAsync($"rollback to savepoint {Savepoint}", [], cancellationToken);
            return refusal;
        }
    }

    /// <summary>
    /// Classes 22 and 23: the data is wrong or a constraint refuses it. Anything else (a deadlock, a server that goes down) says
    /// nothing about the accounts, so the whole piece fails and is tried again.
    /// </summary>
    static bool IsAboutTheRows(PostgresException refusal) => refusal.SqlState is ['2', '2' or '3', ..];

    /// <summary>Keeps the account out of the next runs, too, until somebody has looked at it.</summary>
    async Task ParkAsync(IEnumerable<AccountBill> bills, CancellationToken cancellationToken)
    {
        var parked = bills.Where(bill => bill.Parked is not null).ToList();
        if (parked.Count == 0)
            return;
        await connection.ExecuteAsync("""
            insert into billing.account (tenant_id, customer_id, currency, parked_reason)
            select $1, customer, $2, reason from unnest($3, $4) as p (customer, reason)
            on conflict (tenant_id, customer_id, currency) do update
              set parked_reason = coalesce(account.parked_reason, excluded.parked_reason)
            """,
            [
                Arg(tenant.Id.Value), Arg(tenant.Currency.Code),
                Arg(parked.Select(bill => bill.Item.Customer.Value).ToArray()), Arg(parked.Select(bill => bill.Parked!).ToArray()),
            ], cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Parked the account of customer {Customer}: {SqlState} {Reason}")]
    partial void LogRefused(CustomerId customer, string sqlState, string reason);
}
