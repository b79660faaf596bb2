using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenancy;
using IspHost.Core.Tenants;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Imports;

/// <summary>Takes over the subscribers of another system: a customer with an active service for each row.</summary>
/// <remarks>
/// A row is imported whole or is reported with its reason. A row whose user name is taken counts as imported before. The transaction that
/// imports a part of the rows takes that part away, so each is imported once, whoever dies meanwhile.
/// </remarks>
sealed class SubscriberImports(TenantDatabase<IspDb> database, TenantSql sql, TenantDirectory tenants, Vault vault)
{
    const int MaxAttempts = 10;

    static readonly Backoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>Takes a file. Its rows are imported by and by.</summary>
    /// <returns>The import's identity.</returns>
    /// <exception cref="SubscriberFileException">The file is not one of subscribers; nothing was taken.</exception>
    public async Task<Guid> BeginAsync(Caller caller, TextReader file, CancellationToken stop)
    {
        var rows = new WaitingRows(caller.Tenant, await PlansAsync(caller.Tenant, stop), vault);
        await rows.ReadAsync(file, stop);
        var id = Guid.CreateVersion7();
        await database.InTransactionAsync(caller.Tenant, async (db, stop) =>
        {
            await InsertAsync(db, id, caller, rows, stop);
            db.Audit(caller, "import.begin", $"import/{id}", new { Rows = rows.Count, rows.Refused });
            await db.SaveChangesAsync(stop);
        }, stop);
        return id;
    }

    /// <summary>Imports the next part of the rows.</summary>
    /// <returns>False if the import has ended.</returns>
    public async Task<bool> GoOnAsync(TenantId tenant, Guid import, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await database.InTransactionAsync(tenant, (db, stop) => GoOnAsync(db, tenant, import, stop), stop);
            }
            // A name was taken after the look: the next look sees it.
            catch (PostgresException cause) when (cause is
            { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "subscription_user_name" } && attempt < MaxAttempts)
            {
            }
        }
    }

    /// <summary>A part could not be imported, and is tried again after a pause.</summary>
    public Task FailedAsync(TenantId tenant, Guid import, string error, CancellationToken stop)
        => sql.ExecuteAsync(
            tenant,
            $"""
            update host.import set error = $3, failures = failures + 1, next_at = now() + {Backoff.Sql("failures", "$4", "$5")}
            where tenant_id = $1 and id = $2 and state = 'running'
            """,
            stop, tenant.Value, import, StoredError.Of(error), Pauses.First.TotalSeconds, Pauses.Longest.TotalSeconds);

    /// <summary>Ends an import. What was imported until then stays, and the other rows are forgotten.</summary>
    /// <returns>False if there is no such import, or if it has ended.</returns>
    public Task<bool> CancelAsync(Caller caller, Guid import, CancellationToken stop)
        => database.InTransactionAsync(caller.Tenant, async (db, stop) =>
        {
            var ended = await db.Database.ExecuteSqlAsync(
                $"update host.import set state = 'cancelled', finished_at = now() where id = {import} and state = 'running'", stop);
            if (ended == 0)
                return false;
            await db.Database.ExecuteSqlAsync($"delete from host.import_part where import_id = {import}", stop);
            db.Audit(caller, "import.cancel", $"import/{import}");
            await db.SaveChangesAsync(stop);
            return true;
        }, stop);

    async Task<Dictionary<string, PlanVersion>> PlansAsync(TenantId tenant, CancellationToken stop)
    {
        await using var db = database.Open(tenant);
        var rows = await (
            from plan in db.Plans
            join version in db.PlanVersions.AsNoTracking() on plan.Id equals version.PlanId
            select new { plan.Code, version }).ToListAsync(stop);
        return rows.GroupBy(row => row.Code).ToDictionary(
            plan => plan.Key, plan => plan.MaxBy(row => row.version.Version)!.version, StringComparer.Ordinal);
    }

    async Task InsertAsync(IspDb db, Guid id, Caller caller, WaitingRows rows, CancellationToken stop)
    {
        var (state, tenant) = (rows.Parts.Count > 0 ? "running" : "done", caller.Tenant.Value);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into host.import (tenant_id, id, state, actor, first_day, rows, refused, finished_at)
            values ({tenant}, {id}, {state}, {caller.Actor}, {tenants.Today(caller.Tenant)}, {rows.Count}, {rows.Refused},
              case {state} when 'done' then now() end)
            """, stop);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into host.import_part (tenant_id, id, import_id, part, rows)
            select {tenant}, part_id, {id}, n, part_rows
            from unnest({rows.Parts.Select(part => part.Id).ToArray()}, {rows.Parts.Select(part => part.Rows).ToArray()})
              with ordinality as p (part_id, part_rows, n)
            """, stop);
        await RefuseAsync(db, tenant, id, rows.Refusals, stop);
    }

    static Task<int> RefuseAsync(
        IspDb db, Guid tenant, Guid import, IReadOnlyCollection<(int Row, string Reason)> refusals, CancellationToken stop)
        => db.Database.ExecuteSqlAsync(
            $"""
            insert into host.import_refusal (tenant_id, import_id, row, reason)
            select {tenant}, {import}, row, reason
            from unnest({refusals.Select(row => row.Row).ToArray()}, {refusals.Select(row => row.Reason).ToArray()}) as r (row, reason)
            """, stop);

    async Task<bool> GoOnAsync(IspDb db, TenantId tenant, Guid import, CancellationToken stop)
    {
        // Locked by a statement of its own: who has waited for the lock must not see the part that another one has taken meanwhile.
        await db.Database.ExecuteSqlAsync(
            $"select from host.import where tenant_id = {tenant.Value} and id = {import} for update", stop);
        var found = await db.Database.SqlQuery<NextPart>(
            $"""
            select p.id, p.rows, i.refused, i.first_day, i.actor
            from host.import i join host.import_part p on p.tenant_id = i.tenant_id and p.import_id = i.id
            where i.tenant_id = {tenant.Value} and i.id = {import} order by p.part limit 1
            """).ToListAsync(stop);
        if (found.SingleOrDefault() is not { } part)
            return false;
        var rows = WaitingRows.Open(vault, tenant, part.Id, part.Rows);
        var taken = await TakenAsync(db, rows, stop);
        var fresh = rows.FindAll(row => !taken.Contains(row.UserName));
        if (fresh.Count > 0)
            await new NewSubscribers(tenants.Find(tenant)!, part.FirstDay, vault).InsertAsync(db, fresh, stop);
        await RefuseAsync(db, tenant.Value, import, [.. rows.Where(row => taken.Contains(row.UserName))
            .Take(Math.Max(0, WaitingRows.MostRefusals - part.Refused)).Select(row => (row.Number, "the user name is taken"))], stop);
        await db.Database.ExecuteSqlAsync(
            $"""
            with gone as (delete from host.import_part where tenant_id = {tenant.Value} and id = {part.Id})
            update host.import i set imported = imported + {fresh.Count}, refused = refused + {rows.Count - fresh.Count},
              error = null, failures = 0, next_at = now(), state = case when l.any then 'running' else 'done' end,
              finished_at = case when l.any then null else now() end
            from (select exists (
              select from host.import_part where tenant_id = {tenant.Value} and import_id = {import} and id <> {part.Id}) as any) l
            where i.tenant_id = {tenant.Value} and i.id = {import}
            """, stop);
        if (fresh.Count > 0)
        {
            db.Audit(
                new Caller(tenant, part.Actor, tenants.Now(tenant)), "subscription.import", $"import/{import}", new { rows = fresh.Count });
            await db.SaveChangesAsync(stop);
        }
        return true;
    }

    static async Task<HashSet<string>> TakenAsync(IspDb db, List<WaitingRow> rows, CancellationToken stop)
    {
        var names = rows.ConvertAll(row => row.UserName);
        return await db.Subscriptions
            .Where(s => names.Contains(s.UserName) && s.State != SubscriptionState.Terminated)
            .Select(s => s.UserName)
            .ToHashSetAsync(stop);
    }

    sealed record NextPart(Guid Id, byte[] Rows, int Refused, LocalDate FirstDay, string Actor);
}
