using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Subscriptions;

/// <summary>Takes over the subscribers of another system: a customer with an active service for each row.</summary>
/// <remarks>A row is imported whole or is reported with its reason. A row whose user name is taken counts as imported before.</remarks>
public sealed class SubscriberImport(TenantDatabase<IspDb> database, TenantDirectory tenants, Vault vault)
{
    const int ChunkSize = 1000;
    const int MaxReported = 1000;
    const int MaxAttempts = 10;

    /// <summary>Imports all rows that can be.</summary>
    /// <exception cref="SubscriberFileException">The file is not one of subscribers; nothing was imported.</exception>
    public async Task<ImportReport> RunAsync(Caller caller, TextReader file, CancellationToken cancellationToken)
    {
        var plans = await PlansAsync(caller.Tenant, cancellationToken);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var refused = new Refusals();
        var imported = 0;
        await foreach (var chunk in SubscriberFile.ReadAsync(file).Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            var valid = new List<SubscriberRow>();
            foreach (var row in chunk)
            {
                if (Fault(row, plans, seen) is { } fault)
                    refused.Add(row, fault);
                else
                    valid.Add(row);
            }
            var taken = await ImportAsync(caller, valid, plans, cancellationToken);
            foreach (var row in taken)
                refused.Add(row, "the user name is taken");
            imported += valid.Count - taken.Count;
        }
        return new ImportReport(imported, refused.Count, refused.Reported);
    }

    static string? Fault(SubscriberRow row, Dictionary<string, PlanVersion> plans, HashSet<string> seen)
    {
        if (!Login.IsText(row.UserName, 253))
            return "username must be 1 to 253 octets of printable text";
        if (!Login.IsText(row.Password, 128))
            return "password must be 1 to 128 octets of printable text";
        if (!plans.ContainsKey(row.Plan))
            return row.Plan.Length <= 64 ? $"there is no plan '{row.Plan}'" : "there is no such plan";
        return seen.Add(row.UserName) ? null : "the user name stands in the file twice";
    }

    async Task<Dictionary<string, PlanVersion>> PlansAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var db = database.Open(tenant);
        var rows = await (
            from plan in db.Plans
            join version in db.PlanVersions.AsNoTracking() on plan.Id equals version.PlanId
            select new { plan.Code, version }).ToListAsync(cancellationToken);
        return rows.GroupBy(row => row.Code).ToDictionary(
            plan => plan.Key, plan => plan.MaxBy(row => row.version.Version)!.version, StringComparer.Ordinal);
    }

    /// <summary>Imports the rows whose user names are free, and returns the others.</summary>
    async Task<List<SubscriberRow>> ImportAsync(
        Caller caller, List<SubscriberRow> rows, Dictionary<string, PlanVersion> plans, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryImportAsync(caller, rows, plans, cancellationToken);
            }
            // A name was taken after the look: the next look sees it.
            catch (PostgresException cause) when (cause is
            { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "subscription_user_name" } && attempt < MaxAttempts)
            {
            }
        }
    }

    Task<List<SubscriberRow>> TryImportAsync(
        Caller caller, List<SubscriberRow> rows, Dictionary<string, PlanVersion> plans, CancellationToken cancellationToken)
        => database.InTransactionAsync(caller.Tenant, async (db, stop) =>
        {
            var names = rows.ConvertAll(row => row.UserName);
            var taken = await db.Subscriptions
                .Where(s => names.Contains(s.UserName) && s.State != SubscriptionState.Terminated)
                .Select(s => s.UserName)
                .ToHashSetAsync(stop);
            var fresh = rows.FindAll(row => !taken.Contains(row.UserName));
            if (fresh.Count > 0)
            {
                await InsertAsync(db, caller, fresh, plans, stop);
                db.Audit(caller, "subscription.import", $"import/{Guid.CreateVersion7()}", new { rows = fresh.Count });
                await db.SaveChangesAsync(stop);
            }
            return rows.FindAll(row => taken.Contains(row.UserName));
        }, cancellationToken);

    async Task InsertAsync(IspDb db, Caller caller, List<SubscriberRow> rows, Dictionary<string, PlanVersion> plans, CancellationToken stop)
    {
        var tenant = tenants.Find(caller.Tenant)!;
        var first = await PortalId.DrawAsync(db, tenant.Id, rows.Count, stop);
        await using var command = new NpgsqlCommand("""
            with row as (
              select * from unnest($2, $3, $4, $5, $6, $7, $8, $9)
                as r (customer_id, subscription_id, contract_id, portal_id, user_name, password, plan_id, plan_version)
            ), customer as (
              insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
              select $1, customer_id, portal_id, user_name, $10, 'residential', $11 from row
            ), subscription as (
              insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
              select $1, subscription_id, customer_id, 'active', user_name, password, $11 from row
            )
            insert into host.contract_version (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from)
            select $1, contract_id, subscription_id, customer_id, plan_id, plan_version, $11, $11 from row
            """, (NpgsqlConnection)db.Database.GetDbConnection());
        AddParameters(command, tenant, tenants.Today(tenant.Id), rows, plans, first);
        await command.ExecuteNonQueryAsync(stop);
    }

    void AddParameters(
        NpgsqlCommand command, Tenant tenant, LocalDate today, List<SubscriberRow> rows, Dictionary<string, PlanVersion> plans,
        long firstNumber)
    {
        var services = NewIds();
        Guid[] NewIds() => [.. rows.Select(_ => Guid.CreateVersion7())];
        Add(tenant.Id.Value);
        Add(NewIds());
        Add(services);
        Add(NewIds());
        Add(rows.Select((_, i) => PortalId.Format(tenant.Code, firstNumber + i)).ToArray());
        Add(rows.Select(row => row.UserName).ToArray());
        Add(rows.Select((row, i) => vault.Seal(SealedColumn.Password.At(tenant.Id, services[i]), row.Password)).ToArray());
        Add(rows.Select(row => plans[row.Plan].PlanId.Value).ToArray());
        Add(rows.Select(row => plans[row.Plan].Version).ToArray());
        Add(tenant.Country);
        Add(today);

        void Add<T>(T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
    }

    /// <summary>Rows that were not imported: all are counted, the first are kept. A file of bad rows must not fill the memory.</summary>
    sealed class Refusals
    {
        // In each chunk the rows that are taken come after those that are wrong, so a chunk more is kept than is shown.
        readonly List<RefusedRow> kept = [];

        public int Count { get; private set; }

        public IReadOnlyList<RefusedRow> Reported => [.. kept.OrderBy(row => row.Row).Take(MaxReported)];

        public void Add(SubscriberRow row, string reason)
        {
            Count++;
            if (kept.Count < MaxReported + ChunkSize)
                kept.Add(new RefusedRow(row.Number, reason));
        }
    }
}

/// <summary>What came of an import.</summary>
/// <param name="Imported">How many rows were imported.</param>
/// <param name="Refused">How many were not.</param>
/// <param name="Rows">The first 1,000 of those, with their reasons.</param>
public sealed record ImportReport(int Imported, int Refused, IReadOnlyList<RefusedRow> Rows);

/// <summary>A row that was not imported.</summary>
/// <param name="Row">Its number in the file; the header is 1.</param>
/// <param name="Reason">Why.</param>
public sealed record RefusedRow(int Row, string Reason);
