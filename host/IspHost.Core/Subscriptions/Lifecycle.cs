using IspHost.Core.AccessLocks;
using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using IspHost.Sdk.Subscribers;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Subscriptions;

/// <summary>What can be done to a service, each in one transaction that holds the service's row.</summary>
public sealed class Lifecycle(TenantDatabase<IspDb> database, TenantDirectory tenants)
{
    /// <summary>The service begins, on the terms that it was ordered with.</summary>
    public Task<LifecycleResult> ActivateAsync(Caller caller, SubscriptionId id, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, "activate", (_, subscription, today, _) => Task.FromResult(subscription.TryActivate(today)), cancellationToken);

    /// <summary>Pauses the service: neither access nor billing, from today.</summary>
    public Task<LifecycleResult> HoldAsync(Caller caller, SubscriptionId id, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, "hold", (db, subscription, today, _) =>
        {
            if (!subscription.TryHold())
                return Task.FromResult(false);
            db.Holds.Add(new Hold { SubscriptionId = id, StartsOn = today });
            return Task.FromResult(true);
        }, cancellationToken);

    /// <summary>Ends the pause, from today. A pause that began today never was.</summary>
    public Task<LifecycleResult> ResumeAsync(Caller caller, SubscriptionId id, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, "resume", async (db, subscription, today, stop) =>
        {
            if (!subscription.TryResume())
                return false;
            var hold = await db.Holds.SingleAsync(h => h.SubscriptionId == id && h.EndsOn == null, stop);
            if (hold.StartsOn < today)
                hold.EndsOn = today;
            else
                db.Holds.Remove(hold);
            return true;
        }, cancellationToken);

    /// <summary>Ends the service, from today.</summary>
    public Task<LifecycleResult> TerminateAsync(Caller caller, SubscriptionId id, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, "terminate", async (db, subscription, today, stop) =>
        {
            if (!subscription.TryTerminate(today))
                return false;
            await EndTermsAsync(db, id, today, stop);
            await db.Holds.Where(h => h.SubscriptionId == id && h.EndsOn == null && h.StartsOn < today)
                .ExecuteUpdateAsync(set => set.SetProperty(h => h.EndsOn, today), stop);
            return true;
        }, cancellationToken);

    /// <summary>Puts the service on the newest version of a plan, from today.</summary>
    /// <returns><see cref="LifecycleResult.Refused"/> with a reason if there is no such plan.</returns>
    public Task<LifecycleResult> ChangePlanAsync(Caller caller, SubscriptionId id, string planCode, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, "change_plan", async (db, subscription, today, stop) =>
        {
            if (subscription.State is SubscriptionState.Terminated || await db.NewestAsync(planCode, stop) is not { } plan)
                return false;
            var anchor = await db.ContractTerms.Where(t => t.SubscriptionId == id).OrderByDescending(t => t.ValidFrom)
                .Select(t => t.Anchor).FirstAsync(stop);
            await EndTermsAsync(db, id, today, stop);
            db.ContractTerms.Add(new ContractTerm
            {
                Id = ContractVersionId.New(),
                SubscriptionId = id,
                CustomerId = subscription.CustomerId,
                PlanId = plan.PlanId,
                PlanVersion = plan.Version,
                Anchor = anchor,
                ValidFrom = today,
            });
            return true;
        }, cancellationToken);

    /// <summary>Locks the service for a reason, in place of a lock with the same reason.</summary>
    public Task<LifecycleResult> LockAsync(
        Caller caller, SubscriptionId id, LockReason reason, AccessMode mode, string? note, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, $"lock.{reason}", async (db, subscription, _, stop) =>
        {
            if (subscription.State is SubscriptionState.Terminated || mode is AccessMode.Full)
                return false;
            var existing = await db.AccessLocks.SingleOrDefaultAsync(l => l.SubscriptionId == id && l.Reason == reason, stop);
            if (existing is null)
                db.AccessLocks.Add(existing = new AccessLock { SubscriptionId = id, Reason = reason });
            (existing.Mode, existing.Since, existing.Note) = (mode, caller.Now, note);
            return true;
        }, cancellationToken);

    /// <summary>Lifts the lock with this reason. Other locks stay.</summary>
    public Task<LifecycleResult> UnlockAsync(Caller caller, SubscriptionId id, LockReason reason, CancellationToken cancellationToken)
        => ChangeAsync(caller, id, $"unlock.{reason}", async (db, _, _, stop) =>
        {
            if (await db.AccessLocks.SingleOrDefaultAsync(l => l.SubscriptionId == id && l.Reason == reason, stop) is not { } held)
                return false;
            db.AccessLocks.Remove(held);
            return true;
        }, cancellationToken);

    delegate Task<bool> Step(IspDb db, Subscription subscription, LocalDate today, CancellationToken stop);

    async Task<LifecycleResult> ChangeAsync(Caller caller, SubscriptionId id, string action, Step step, CancellationToken cancellationToken)
    {
        var today = caller.Now.InZone(tenants.Find(caller.Tenant)!.Zone).Date;
        return await database.InTransactionAsync<LifecycleResult>(caller.Tenant, async (db, stop) =>
        {
            var found = await db.Subscriptions.FromSql($"select * from host.subscription where id = {id.Value} for update").ToListAsync(stop);
            if (found is not [var subscription])
                return new LifecycleResult.Unknown();
            if (!await step(db, subscription, today, stop))
                return new LifecycleResult.Refused(subscription.State);

            db.Audit(caller, $"subscription.{action}", $"subscription/{id}");
            await db.SaveChangesAsync(stop);
            var access = await AccessOf(db, subscription, stop);
            await Sdk.Data.Outbox.PublishAsync(
                (NpgsqlConnection)db.Database.GetDbConnection(), caller.Tenant, Guid.CreateVersion7().ToString(), caller.Now,
                new AccessChanged { Subscription = id, Access = access, Reason = action }, stop);
            return new LifecycleResult.Done(subscription.State, access);
        }, cancellationToken);
    }

    /// <summary>Ends the terms in force. Terms that began today never were: their row goes.</summary>
    static async Task EndTermsAsync(IspDb db, SubscriptionId id, LocalDate today, CancellationToken stop)
    {
        await db.ContractTerms.Where(t => t.SubscriptionId == id && t.ValidTo == null && t.ValidFrom >= today).ExecuteDeleteAsync(stop);
        await db.ContractTerms.Where(t => t.SubscriptionId == id && t.ValidTo == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.ValidTo, today), stop);
    }

    static async Task<AccessMode> AccessOf(IspDb db, Subscription subscription, CancellationToken stop)
    {
        if (subscription.State is not SubscriptionState.Active)
            return AccessMode.Blocked;
        var modes = await db.AccessLocks.Where(l => l.SubscriptionId == subscription.Id).Select(l => l.Mode).ToListAsync(stop);
        return modes.Append(AccessMode.Full).Max();
    }
}

/// <summary>What came of something that was to be done to a service.</summary>
public abstract record LifecycleResult
{
    LifecycleResult() { }

    /// <summary>It was done.</summary>
    public sealed record Done(SubscriptionState State, AccessMode Access) : LifecycleResult;

    /// <summary>It cannot be done to a service in this state.</summary>
    public sealed record Refused(SubscriptionState State) : LifecycleResult;

    /// <summary>The tenant has no such service.</summary>
    public sealed record Unknown : LifecycleResult;
}
