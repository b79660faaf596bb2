using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Retention;

/// <summary>How long rows of a table are kept. Its schema brings the rule along, and the operator may change it.</summary>
public sealed class RetentionRule
{
    /// <summary>The table, such as <c>radius.session</c>.</summary>
    public required string Subject { get; init; }

    public required int Days { get; set; }

    /// <summary>Nobody keeps it for less.</summary>
    public required int LeastDays { get; init; }

    public required string Reason { get; init; }

    /// <summary>When a round over the tenants last found nothing more that is old.</summary>
    public Instant? PassedAt { get; init; }

    /// <summary>Rows that have gone, of all tenants together.</summary>
    public long Forgotten { get; init; }
}

/// <summary>A tenant that keeps something for a shorter time than the operator would.</summary>
public sealed class TenantRetention
{
    public TenantId TenantId { get; init; }
    public required string Subject { get; init; }
    public required int Days { get; set; }
}

sealed class RetentionRuleMapping : IEntityTypeConfiguration<RetentionRule>
{
    public void Configure(EntityTypeBuilder<RetentionRule> rule)
    {
        rule.ToTable("retention");
        rule.HasKey(r => r.Subject);
    }
}

sealed class TenantRetentionMapping : IEntityTypeConfiguration<TenantRetention>
{
    public void Configure(EntityTypeBuilder<TenantRetention> retention)
    {
        retention.ToTable("tenant_retention");
        retention.HasKey(r => new { r.TenantId, r.Subject });
    }
}

static class RetentionTables
{
    extension(HostDb db) { public DbSet<RetentionRule> Retention => db.Set<RetentionRule>(); }
    extension(IspDb db) { public DbSet<TenantRetention> TenantRetention => db.Set<TenantRetention>(); }
}
