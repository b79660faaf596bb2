using IspHost.Core.AccessLocks;
using IspHost.Sdk.Subscribers;

namespace IspHost.Core.Subscriptions;

/// <summary>What can be done to a service.</summary>
public abstract record SubscriptionCommand
{
    SubscriptionCommand() { }

    /// <summary>It begins, on the terms that it was ordered with.</summary>
    public sealed record Activate : SubscriptionCommand;

    /// <summary>It pauses: neither access nor billing, from today.</summary>
    public sealed record PutOnHold : SubscriptionCommand;

    /// <summary>The pause ends, from today.</summary>
    public sealed record Resume : SubscriptionCommand;

    /// <summary>It ends for good, from today.</summary>
    public sealed record Terminate : SubscriptionCommand;

    /// <summary>It goes on with the newest version of a plan, from today.</summary>
    public sealed record ChangePlan(string PlanCode) : SubscriptionCommand;

    /// <summary>Its access is locked for a reason, in place of a lock with the same reason.</summary>
    public sealed record Lock(LockReason Reason, AccessMode Mode, string? Note) : SubscriptionCommand;

    /// <summary>It logs in otherwise: null leaves a part as it is.</summary>
    /// <param name="UserName">The login name.</param>
    /// <param name="Password">Sealed by the vault.</param>
    public sealed record ChangeLogin(string? UserName, byte[]? Password) : SubscriptionCommand;

    /// <summary>The lock with this reason is lifted. Other locks stay.</summary>
    public sealed record Unlock(LockReason Reason) : SubscriptionCommand;
}
