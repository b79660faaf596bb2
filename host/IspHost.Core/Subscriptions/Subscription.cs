using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Subscriptions;

/// <summary>One service of a customer.</summary>
public sealed class Subscription
{
    public TenantId TenantId { get; init; }
    public required SubscriptionId Id { get; init; }
    public required CustomerId CustomerId { get; init; }
    public SubscriptionState State { get; private set; }
    public required string UserName { get; set; }

    /// <summary>The password, sealed by the vault.</summary>
    public required byte[] Password { get; set; }

    public LocalDate? ActivatedOn { get; private set; }
    public LocalDate? TerminatedOn { get; private set; }

    /// <summary>The service begins.</summary>
    public bool TryActivate(LocalDate today)
    {
        if (State is not SubscriptionState.Pending)
            return false;
        (State, ActivatedOn) = (SubscriptionState.Active, today);
        return true;
    }

    /// <summary>The customer's wish: neither access nor billing until it is resumed.</summary>
    public bool TryHold() => TryMove(SubscriptionState.Active, SubscriptionState.Held);

    /// <summary>The service goes on; its intervals count as before.</summary>
    public bool TryResume() => TryMove(SubscriptionState.Held, SubscriptionState.Active);

    /// <summary>The service ends for good.</summary>
    public bool TryTerminate(LocalDate today)
    {
        if (State is SubscriptionState.Terminated)
            return false;
        (State, TerminatedOn) = (SubscriptionState.Terminated, today);
        return true;
    }

    bool TryMove(SubscriptionState from, SubscriptionState to)
    {
        if (State != from)
            return false;
        State = to;
        return true;
    }
}

/// <summary>Where a service stands.</summary>
public enum SubscriptionState
{
    /// <summary>Ordered, not yet running.</summary>
    Pending,

    /// <summary>Running.</summary>
    Active,

    /// <summary>Paused by the customer.</summary>
    Held,

    /// <summary>Ended.</summary>
    Terminated,
}

/// <summary>The terms of a service from <see cref="ValidFrom"/> up to, but not including, <see cref="ValidTo"/>.</summary>
public sealed class ContractTerm
{
    public TenantId TenantId { get; init; }
    public required ContractVersionId Id { get; init; }
    public required SubscriptionId SubscriptionId { get; init; }
    public required CustomerId CustomerId { get; init; }
    public required PlanId PlanId { get; init; }
    public required int PlanVersion { get; init; }

    /// <summary>What intervals count from: kept through changes of plan, so that the billing day stays.</summary>
    public required LocalDate Anchor { get; init; }

    public required LocalDate ValidFrom { get; init; }
    public LocalDate? ValidTo { get; set; }
}

/// <summary>Days on which a service is on hold.</summary>
public sealed class Hold
{
    public TenantId TenantId { get; init; }
    public required SubscriptionId SubscriptionId { get; init; }
    public required LocalDate StartsOn { get; init; }

    /// <summary>The day on which the service goes on; null while it is on hold.</summary>
    public LocalDate? EndsOn { get; set; }
}

sealed class SubscriptionMapping : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> subscription)
    {
        subscription.ToTable("subscription");
        subscription.HasKey(s => new { s.TenantId, s.Id });
        subscription.Property(s => s.Id).ValueGeneratedNever();
        subscription.HasOne<Customer>().WithMany().HasForeignKey(s => new { s.TenantId, s.CustomerId }).OnDelete(DeleteBehavior.Restrict);
    }
}

sealed class ContractTermMapping : IEntityTypeConfiguration<ContractTerm>
{
    public void Configure(EntityTypeBuilder<ContractTerm> term)
    {
        term.ToTable("contract_version");
        term.HasKey(t => new { t.TenantId, t.Id });
        term.Property(t => t.Id).ValueGeneratedNever();
        term.HasOne<Subscription>().WithMany().HasForeignKey(t => new { t.TenantId, t.SubscriptionId }).OnDelete(DeleteBehavior.Restrict);
    }
}

sealed class HoldMapping : IEntityTypeConfiguration<Hold>
{
    public void Configure(EntityTypeBuilder<Hold> hold)
    {
        hold.ToTable("hold");
        hold.HasKey(h => new { h.TenantId, h.SubscriptionId, h.StartsOn });
        hold.HasOne<Subscription>().WithMany().HasForeignKey(h => new { h.TenantId, h.SubscriptionId }).OnDelete(DeleteBehavior.Restrict);
    }
}

static class SubscriptionTables
{
    extension(IspDb db)
    {
        public DbSet<Subscription> Subscriptions => db.Set<Subscription>();

        public DbSet<ContractTerm> ContractTerms => db.Set<ContractTerm>();

        public DbSet<Hold> Holds => db.Set<Hold>();
    }
}
