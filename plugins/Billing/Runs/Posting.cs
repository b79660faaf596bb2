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
/// <param name="log">For what was refused.</param>
sealed partial class Posting(NpgsqlConnection connection, Tenant tenant, InvoiceWriter writer, ILogger log)
{
    const string Savepoint = "piece";

    /// <summary>Writes all that can be written, and parks what the database refuses for good.</summary>
    /// <param name="bills">What was worked out.</param>
    /// <param name="isLastTry">Whether an account is parked, too, of which something has been billed already.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    /// <returns>What was left as it is because another run has billed something of it meanwhile: work it out anew.</returns>
    public async Task<IReadOnlyList<AccountBill>> WriteAsync(
        IReadOnlyList<AccountBill> bills, bool isLastTry, CancellationToken cancellationToken)
    {
        var outdated = new List<AccountBill>();
        if (bills.Count > 0 && await RefusalAsync(bills, cancellationToken) is not null)
        {
            foreach (var bill in bills)
            {
                if (!await WriteAloneAsync(bill, isLastTry, cancellationToken))
                    outdated.Add(bill);
            }
        }
        await ParkAsync(bills, cancellationToken);
        return outdated;
    }

    async Task<bool> WriteAloneAsync(AccountBill bill, bool isLastTry, CancellationToken cancellationToken)
    {
        if (await RefusalAsync([bill], cancellationToken) is not { } refusal)
            return true;
        if (!isLastTry && refusal is { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation })
            return false;
        LogRefused(bill.Item.Customer, refusal.SqlState, refusal.MessageText);
        bill.Park($"{refusal.MessageText} ({refusal.SqlState})");
        return await RefusalAsync([bill], cancellationToken) is { } stillRefused ? throw stillRefused : true;
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
