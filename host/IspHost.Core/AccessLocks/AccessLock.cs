using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.AccessLocks;

/// <summary>A reason why a service may reach less than all. Of several locks the most restrictive wins.</summary>
public sealed class AccessLock
{
    public TenantId TenantId { get; init; }
    public required SubscriptionId SubscriptionId { get; init; }
    public required LockReason Reason { get; init; }
    public AccessMode Mode { get; set; }
    public Instant Since { get; set; }
    public string? Note { get; set; }
}

/// <summary>Why. Each reason is lifted by its own cause: paying clears debt and nothing else.</summary>
public enum LockReason
{
    /// <summary>Something has not been paid.</summary>
    Debt,

    /// <summary>More was used than is fair.</summary>
    FairUse,

    /// <summary>The customer asked for it.</summary>
    Hold,

    /// <summary>Misuse.</summary>
    Fraud,

    /// <summary>Staff said so.</summary>
    Admin,
}

sealed class AccessLockMapping : IEntityTypeConfiguration<AccessLock>
{
    public void Configure(EntityTypeBuilder<AccessLock> accessLock)
    {
        accessLock.ToTable("access_lock");
        accessLock.HasKey(l => new { l.TenantId, l.SubscriptionId, l.Reason });
    }
}

static class AccessLockTable
{
    extension(IspDb db) { public DbSet<AccessLock> AccessLocks => db.Set<AccessLock>(); }
}
