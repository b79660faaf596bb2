using IspHost.Core.AccessLocks;
using IspHost.Core.Audit;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;

namespace IspHost.Core.Subscriptions;

/// <summary>Takes what is to be done to one service, one thing at a time in the whole cluster.</summary>
/// <remarks>
/// It spares writers the wait for each other's row lock. It is not what keeps them apart: during a network split there may be two of
/// it, and the lock in the transaction still holds.
/// </remarks>
interface ISubscriptionGrain : IGrainWithStringKey
{
    Task<LifecycleResult> Change(Caller caller, SubscriptionCommand command);
}

sealed class SubscriptionGrain(Lifecycle lifecycle) : Grain, ISubscriptionGrain, ITenantBound
{
    public Task<LifecycleResult> Change(Caller caller, SubscriptionCommand command)
    {
        var id = new SubscriptionId(Guid.Parse(this.GetPrimaryKeyString().Split('/')[1]));
        return lifecycle.RunAsync(caller, id, command, CancellationToken.None);
    }
}

static class SubscriptionGrains
{
    /// <summary>Has the grain of the service do something for its caller.</summary>
    public static async Task<LifecycleResult> ChangeAsync(
        this IGrainFactory grains, Caller caller, SubscriptionId subscription, SubscriptionCommand command)
    {
        using var scope = TenantScope.Enter(caller.Tenant);
        return await grains.GetGrain<ISubscriptionGrain>($"{caller.Tenant}/{subscription}").Change(caller, command);
    }
}

/// <summary>What can be done to a service.</summary>
[GenerateSerializer]
public abstract record SubscriptionCommand
{
    SubscriptionCommand() { }

    /// <summary>It begins, on the terms that it was ordered with.</summary>
    [GenerateSerializer]
    public sealed record Activate : SubscriptionCommand;

    /// <summary>It pauses: neither access nor billing, from today.</summary>
    [GenerateSerializer]
    public sealed record PutOnHold : SubscriptionCommand;

    /// <summary>The pause ends, from today.</summary>
    [GenerateSerializer]
    public sealed record Resume : SubscriptionCommand;

    /// <summary>It ends for good, from today.</summary>
    [GenerateSerializer]
    public sealed record Terminate : SubscriptionCommand;

    /// <summary>It goes on with the newest version of a plan, from today.</summary>
    [GenerateSerializer]
    public sealed record ChangePlan([property: Id(0)] string PlanCode) : SubscriptionCommand;

    /// <summary>Its access is locked for a reason, in place of a lock with the same reason.</summary>
    [GenerateSerializer]
    public sealed record Lock(
        [property: Id(0)] LockReason Reason, [property: Id(1)] AccessMode Mode, [property: Id(2)] string? Note) : SubscriptionCommand;

    /// <summary>The lock with this reason is lifted. Other locks stay.</summary>
    [GenerateSerializer]
    public sealed record Unlock([property: Id(0)] LockReason Reason) : SubscriptionCommand;
}
