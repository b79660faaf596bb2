using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Subscribers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Catalog;

/// <summary>Something that a tenant sells. What it is and costs stands in its versions.</summary>
public sealed class Plan
{
    public TenantId TenantId { get; init; }
    public required PlanId Id { get; init; }
    public required string Code { get; init; }
}

/// <summary>A version of a plan: the template of contracts made while it is the newest. It never changes.</summary>
public sealed class PlanVersion
{
    public TenantId TenantId { get; init; }
    public required PlanId PlanId { get; init; }
    public required int Version { get; init; }
    public required string Name { get; init; }
    public required Instant PublishedAt { get; init; }

    public required BitRate Up { get; init; }
    public required BitRate Down { get; init; }
    public required BitRate Throttled { get; init; }
    public string? Pool { get; init; }
    public required int SessionLimit { get; init; }
    public required int InterimSeconds { get; init; }

    public decimal? Recurring { get; init; }
    public required Currency Currency { get; init; }
    public required int IntervalMonths { get; init; }
    public required CollectionTiming Timing { get; init; }
    public required Proration Proration { get; init; }
    public string? UsageRule { get; init; }
    public string? UsageRuleHash { get; init; }
    public decimal? UsageRate { get; init; }
    public required string TaxClass { get; init; }

    /// <summary>What a session on this plan may do.</summary>
    public AccessProfile Profile => new()
    {
        Up = Up,
        Down = Down,
        Throttled = Throttled,
        Pool = Pool,
        SessionLimit = SessionLimit,
        InterimInterval = Duration.FromSeconds(InterimSeconds),
    };

    /// <summary>What a contract on this plan costs whose intervals count from this day.</summary>
    public PriceTerms PriceFrom(LocalDate anchor) => new()
    {
        Recurring = Recurring is { } amount ? new Money(amount, Currency) : null,
        IntervalMonths = IntervalMonths,
        Timing = Timing,
        Anchor = anchor,
        Proration = Proration,
        Usage = UsageRule is null ? null : new UsageTerms { Rule = UsageRule, RuleHash = UsageRuleHash, Rate = UsageRate!.Value },
        TaxClass = TaxClass,
    };
}

sealed class PlanMapping : IEntityTypeConfiguration<Plan>
{
    public void Configure(EntityTypeBuilder<Plan> plan)
    {
        plan.ToTable("plan");
        plan.HasKey(p => new { p.TenantId, p.Id });
        plan.Property(p => p.Id).ValueGeneratedNever();
    }
}

sealed class PlanVersionMapping : IEntityTypeConfiguration<PlanVersion>
{
    public void Configure(EntityTypeBuilder<PlanVersion> version)
    {
        version.ToTable("plan_version");
        version.HasKey(v => new { v.TenantId, v.PlanId, v.Version });
        version.Property(v => v.Version).ValueGeneratedNever();
        version.Property(v => v.Recurring).HasColumnType("numeric(20,8)");
        version.Property(v => v.UsageRate).HasColumnType("numeric(20,8)");
        version.Property(v => v.UsageRuleHash).HasColumnType("char(64)");
        version.Ignore(v => v.Profile);
    }
}

static class PlanTables
{
    extension(IspDb db)
    {
        public DbSet<Plan> Plans => db.Set<Plan>();

        public DbSet<PlanVersion> PlanVersions => db.Set<PlanVersion>();

        /// <summary>The newest version of the plan with this code, or null if there is no such plan.</summary>
        public Task<PlanVersion?> NewestAsync(string code, CancellationToken cancellationToken)
            => (from plan in db.Plans
                join version in db.PlanVersions.AsNoTracking() on plan.Id equals version.PlanId
                where plan.Code == code
                orderby version.Version descending
                select version).FirstOrDefaultAsync(cancellationToken);
    }
}
