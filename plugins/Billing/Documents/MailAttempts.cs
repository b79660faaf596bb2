using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Npgsql;
using NpgsqlTypes;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>An invoice's mail as far as it is known.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="Outcome">
/// <c>waiting</c> to be tried again, <c>sending</c>, <c>sent</c>, <c>refused</c> as an address, <c>put_aside</c> while there is no mail
/// server, or <c>unknown</c>: it may have gone out.
/// </param>
/// <param name="Detail">What the channel said.</param>
/// <param name="Attempt">How often it was tried.</param>
/// <param name="At">When, by the tenant's clock.</param>
sealed record MailView(Guid Invoice, string Outcome, string Detail, int Attempt, NodaTime.Instant At);

/// <summary>The attempts to mail invoices. Each is written down before it is made, under a lease.</summary>
/// <remarks>An attempt whose lease ran out was made by a node that died: whether the mail went out, nobody can say.</remarks>
sealed class MailAttempts(TenantDatabase<BillingDb> database, ITenants tenants)
{
    const string Channel = "email";

    /// <summary>Longer than an event may be worked on.</summary>
    static readonly TimeSpan Term = TimeSpan.FromMinutes(2);

    /// <summary>Begins an attempt, if the mail is in one of these states or was never tried; but for one request only once.</summary>
    /// <returns>The attempt's number, or null.</returns>
    public Task<int?> BeginAsync(
        TenantId tenant, Guid invoice, IReadOnlyCollection<string> from, Wish? wish, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            var attempts = await connection.ReadAsync("""
                insert into billing.delivery (tenant_id, invoice_id, channel, outcome, detail, delivered_at, leased_until, request)
                values ($1, $2, $3, 'sending', '', $4, clock_timestamp() + $5, $7)
                on conflict (tenant_id, invoice_id, channel) do update
                  set outcome = 'sending', detail = '', delivered_at = excluded.delivered_at, leased_until = excluded.leased_until,
                    attempt = delivery.attempt + 1, request = coalesce(excluded.request, delivery.request)
                  where delivery.outcome = any ($6) and (excluded.request is null or excluded.request is distinct from delivery.request)
                returning attempt
                """,
                [
                    Arg(tenant.Value), Arg(invoice), Arg(Channel), Arg(tenants.Now(tenant)), Arg(Term), Arg(from.ToArray()),
                    new() { Value = (object?)wish?.Request ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                ], row => (int?)row.GetInt32(0), stop);
            if (attempts is [{ }] && wish is not null)
            {
                await AuditTrail.RecordAsync(connection, tenant, new()
                {
                    At = tenants.Now(tenant),
                    Actor = wish.By,
                    Action = "invoice.mail_again",
                    Object = $"invoice/{invoice}",
                }, stop);
            }
            return attempts.SingleOrDefault();
        }, cancellationToken);

    /// <summary>Writes down what came of an attempt.</summary>
    public Task EndAsync(TenantId tenant, Guid invoice, int attempt, string outcome, string detail, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, (connection, stop) => connection.ExecuteAsync("""
            update billing.delivery set outcome = $5, detail = $6, delivered_at = $7, leased_until = null
            where tenant_id = $1 and invoice_id = $2 and channel = $3 and attempt = $4 and outcome in ('sending', 'unknown')
            """,
            [
                Arg(tenant.Value), Arg(invoice), Arg(Channel), Arg(attempt), Arg(outcome), Arg(detail), Arg(tenants.Now(tenant)),
            ], stop), cancellationToken);

    /// <summary>What is known of a mail; null if it was never tried. What a dead node was sending becomes unknown.</summary>
    public async Task<MailView?> FindAsync(TenantId tenant, Guid invoice, CancellationToken cancellationToken)
        => (await database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            await GiveUpDeadAsync(connection, tenant, stop);
            return await connection.ReadAsync(
                $"{Select} and invoice_id = $3", [Arg(tenant.Value), Arg(Channel), Arg(invoice)], Row, stop);
        }, cancellationToken)).SingleOrDefault();

    /// <summary>Whether the last attempt that a person wanted was made for this request.</summary>
    public async Task<bool> IsKnownAsync(TenantId tenant, Guid invoice, Guid request, CancellationToken cancellationToken)
        => await database.OnConnectionAsync(tenant, (connection, stop) => connection.ReadAsync(
            "select true from billing.delivery where tenant_id = $1 and channel = $2 and invoice_id = $3 and request = $4",
            [Arg(tenant.Value), Arg(Channel), Arg(invoice), Arg(request)], row => row.GetBoolean(0), stop), cancellationToken) is [true];

    /// <summary>Mails that were not sent, or those with one outcome, by invoice.</summary>
    public Task<List<MailView>> ListAsync(TenantId tenant, string? outcome, Guid? after, int limit, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            await GiveUpDeadAsync(connection, tenant, stop);
            return await connection.ReadAsync(
                $"{Select} and outcome = any ($3) and outcome <> 'sent' and invoice_id > $4 order by invoice_id limit $5",
                [
                    Arg(tenant.Value), Arg(Channel), Arg(outcome is null ? Unsent : [outcome]), Arg(after ?? Guid.Empty), Arg(limit),
                ], Row, stop);
        }, cancellationToken);

    /// <summary>All outcomes but the good one.</summary>
    public static readonly string[] Unsent = ["waiting", "sending", "refused", "put_aside", "unknown"];

    static Task<int> GiveUpDeadAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
        => connection.ExecuteAsync("""
            update billing.delivery
            set outcome = 'unknown', detail = 'The node that was sending it has gone.', leased_until = null
            where tenant_id = $1 and outcome = 'sending' and leased_until < clock_timestamp()
            """,
            [Arg(tenant.Value)], cancellationToken);

    const string Select = """
        select invoice_id, outcome, detail, attempt, delivered_at from billing.delivery where tenant_id = $1 and channel = $2
        """;

    static MailView Row(NpgsqlDataReader row)
        => new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetFieldValue<NodaTime.Instant>(4));
}
