using IspHost.Core.AccessLocks;
using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Database;
using IspHost.Core.Network;
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
    /// <summary>Does it, or says why it cannot be done.</summary>
    /// <param name="caller">Who wants it.</param>
    /// <param name="id">The service.</param>
    /// <param name="command">What is to be done.</param>
    /// <param name="isSeen">Runs in the transaction before it is done: whether the caller has seen the service as it is.</param>
    /// <param name="alongside">Runs in the transaction once it is done, before the commit.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<LifecycleResult> RunAsync(
        Caller caller, SubscriptionId id, SubscriptionCommand command, Func<IspDb, Subscription, CancellationToken, Task<bool>>? isSeen,
        Func<IspDb, Subscription, CancellationToken, Task>? alongside, CancellationToken cancellationToken)
    {
        return command switch
        {
            SubscriptionCommand.Activate => RunAsync("activate", ActivateAsync),
            SubscriptionCommand.PutOnHold => RunAsync("hold", PutOnHold),
            SubscriptionCommand.Resume => RunAsync("resume", ResumeAsync),
            SubscriptionCommand.Terminate => RunAsync("terminate", TerminateAsync),
            SubscriptionCommand.ChangePlan(var plan) => RunAsync(
                "change_plan", (db, subscription, today, stop) => ChangePlanAsync(db, subscription, plan, today, stop)),
            SubscriptionCommand.Lock wanted => RunAsync(
                $"lock.{wanted.Reason}", (db, subscription, _, stop) => LockAsync(db, subscription, wanted, caller.Now, stop)),
            SubscriptionCommand.Unlock(var reason) => RunAsync(
                $"unlock.{reason}", (db, subscription, _, stop) => UnlockAsync(db, subscription, reason, stop)),
            SubscriptionCommand.ChangeLogin login => RunAsync(
                "change_login", (_, subscription, _, _) => Task.FromResult<LifecycleResult?>(ChangeLogin(subscription, login))),
            _ => throw new System.Diagnostics.UnreachableException($"There is no {command}."),
        };

        Task<LifecycleResult> RunAsync(string action, Step step)
            => ChangeAsync(caller, id, new(action, step, isSeen, alongside, DetailOf(command)), cancellationToken);
    }

    /// <summary>
    /// The terms begin with the service, and with them the billing day: from the order to this day nothing was had, so nothing is
    /// owed. Terms that a change of plan has ended before never were.
    /// </summary>
    static async Task<LifecycleResult?> ActivateAsync(IspDb db, Subscription subscription, LocalDate today, CancellationToken stop)
    {
        if (!subscription.TryActivate(today))
            return Refused(subscription);
        await db.ContractTerms.Where(t => t.SubscriptionId == subscription.Id && t.ValidTo != null).ExecuteDeleteAsync(stop);
        await db.ContractTerms.Where(t => t.SubscriptionId == subscription.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.ValidFrom, today).SetProperty(t => t.Anchor, today), stop);
        return null;
    }

    static Task<LifecycleResult?> PutOnHold(IspDb db, Subscription subscription, LocalDate today, CancellationToken stop)
    {
        if (!subscription.TryHold())
            return Task.FromResult<LifecycleResult?>(Refused(subscription));
        db.Holds.Add(new Hold { SubscriptionId = subscription.Id, StartsOn = today });
        return Task.FromResult<LifecycleResult?>(null);
    }

    /// <summary>A pause that began today never was.</summary>
    static async Task<LifecycleResult?> ResumeAsync(IspDb db, Subscription subscription, LocalDate today, CancellationToken stop)
    {
        if (!subscription.TryResume())
            return Refused(subscription);
        var hold = await db.Holds.SingleAsync(h => h.SubscriptionId == subscription.Id && h.EndsOn == null, stop);
        if (hold.StartsOn < today)
            hold.EndsOn = today;
        else
            db.Holds.Remove(hold);
        return null;
    }

    static async Task<LifecycleResult?> TerminateAsync(IspDb db, Subscription subscription, LocalDate today, CancellationToken stop)
    {
        if (!subscription.TryTerminate(today))
            return Refused(subscription);
        await EndTermsAsync(db, subscription.Id, today, stop);
        await db.Holds.Where(h => h.SubscriptionId == subscription.Id && h.EndsOn == null && h.StartsOn < today)
            .ExecuteUpdateAsync(set => set.SetProperty(h => h.EndsOn, today), stop);
        await db.AssignedAddresses.Where(address => address.SubscriptionId == subscription.Id).ExecuteDeleteAsync(stop);
        return null;
    }

    /// <summary>The anchor stays, so that the billing day stays.</summary>
    static async Task<LifecycleResult?> ChangePlanAsync(
        IspDb db, Subscription subscription, string planCode, LocalDate today, CancellationToken stop)
    {
        if (subscription.State is SubscriptionState.Terminated)
            return Refused(subscription);
        if (await db.NewestAsync(planCode, stop) is not { } plan)
            return new LifecycleResult.Broken("plan", "the code of a plan that exists");
        var anchor = await db.ContractTerms.Where(t => t.SubscriptionId == subscription.Id).OrderByDescending(t => t.ValidFrom)
            .Select(t => t.Anchor).FirstAsync(stop);
        await EndTermsAsync(db, subscription.Id, today, stop);
        db.ContractTerms.Add(new ContractTerm
        {
            Id = ContractVersionId.New(),
            SubscriptionId = subscription.Id,
            CustomerId = subscription.CustomerId,
            PlanId = plan.PlanId,
            PlanVersion = plan.Version,
            Anchor = anchor,
            ValidFrom = today,
        });
        return null;
    }

    static async Task<LifecycleResult?> LockAsync(
        IspDb db, Subscription subscription, SubscriptionCommand.Lock wanted, Instant now, CancellationToken stop)
    {
        if (subscription.State is SubscriptionState.Terminated)
            return Refused(subscription);
        if (wanted.Mode is AccessMode.Full)
            return new LifecycleResult.Broken("mode", "blocked or throttled: a lock that leaves full access is none");
        var held = await db.AccessLocks.SingleOrDefaultAsync(l => l.SubscriptionId == subscription.Id && l.Reason == wanted.Reason, stop);
        if (held is null)
            db.AccessLocks.Add(held = new AccessLock { SubscriptionId = subscription.Id, Reason = wanted.Reason });
        (held.Mode, held.Since, held.Note) = (wanted.Mode, now, wanted.Note);
        return null;
    }

    static async Task<LifecycleResult?> UnlockAsync(IspDb db, Subscription subscription, LockReason reason, CancellationToken stop)
    {
        if (await db.AccessLocks.SingleOrDefaultAsync(l => l.SubscriptionId == subscription.Id && l.Reason == reason, stop) is not { } held)
            return new LifecycleResult.NotLocked(reason);
        db.AccessLocks.Remove(held);
        return null;
    }

    static LifecycleResult.Refused? ChangeLogin(Subscription subscription, SubscriptionCommand.ChangeLogin login)
    {
        if (subscription.State is SubscriptionState.Terminated)
            return Refused(subscription);
        (subscription.UserName, subscription.Password) = (login.UserName ?? subscription.UserName, login.Password ?? subscription.Password);
        return null;
    }

    static LifecycleResult.Refused Refused(Subscription subscription) => new(subscription.State);

    /// <summary>What the audit keeps beside the action.</summary>
    static object? DetailOf(SubscriptionCommand command) => command switch
    {
        SubscriptionCommand.Lock wanted => new { wanted.Mode, wanted.Note },
        SubscriptionCommand.ChangePlan wanted => new { Plan = wanted.PlanCode },
        SubscriptionCommand.ChangeLogin login => new { login.UserName, PasswordChanged = login.Password is not null },
        _ => null,
    };

    /// <summary>Null if it was done.</summary>
    delegate Task<LifecycleResult?> Step(IspDb db, Subscription subscription, LocalDate today, CancellationToken stop);

    sealed record Change(
        string Action, Step Step, Func<IspDb, Subscription, CancellationToken, Task<bool>>? IsSeen,
        Func<IspDb, Subscription, CancellationToken, Task>? Alongside, object? Detail);

    async Task<LifecycleResult> ChangeAsync(Caller caller, SubscriptionId id, Change change, CancellationToken cancellationToken)
    {
        var today = caller.Now.InZone(tenants.Find(caller.Tenant)!.Zone).Date;
        return await database.InTransactionAsync<LifecycleResult>(caller.Tenant, async (db, stop) =>
        {
            var found = await db.Subscriptions.FromSql(
                $"select * from host.subscription where id = {id.Value} for update").ToListAsync(stop);
            if (found is not [var subscription])
                return new LifecycleResult.Unknown();
            if (change.IsSeen is { } isSeen && !await isSeen(db, subscription, stop))
                return new LifecycleResult.NotSeen();
            if (await change.Step(db, subscription, today, stop) is { } refused)
                return refused;

            db.Audit(caller, $"subscription.{change.Action}", $"subscription/{id}", change.Detail);
            await db.SaveChangesAsync(stop);
            var access = await AccessOf(db, subscription, stop);
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            await Sdk.Data.Outbox.PublishAsync(
                connection, caller.Tenant, Guid.CreateVersion7().ToString(), caller.Now,
                new AccessChanged { Subscription = id, Access = access, Reason = change.Action }, stop);
            await (change.Alongside?.Invoke(db, subscription, stop) ?? Task.CompletedTask);
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

    /// <summary>What was asked for makes no sense.</summary>
    /// <param name="Field">Of the request.</param>
    /// <param name="Rule">What it must be.</param>
    public sealed record Broken(string Field, string Rule) : LifecycleResult;

    /// <summary>There is no lock for this reason.</summary>
    public sealed record NotLocked(LockReason Reason) : LifecycleResult;

    /// <summary>The service is no more what the caller has seen.</summary>
    public sealed record NotSeen : LifecycleResult;

    /// <summary>The tenant has no such service.</summary>
    public sealed record Unknown : LifecycleResult;
}
