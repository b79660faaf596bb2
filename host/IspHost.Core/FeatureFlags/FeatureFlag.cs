using System.Text.Json;
using IspHost.Core.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>A feature that can be rolled out, with its definition in the schema of Microsoft.FeatureManagement.</summary>
public sealed class FeatureFlag
{
    public required string Name { get; init; }
    public required JsonDocument Definition { get; set; }
    public required Instant ChangedAt { get; set; }
}

sealed class FeatureFlagMapping : IEntityTypeConfiguration<FeatureFlag>
{
    public void Configure(EntityTypeBuilder<FeatureFlag> flag)
    {
        flag.ToTable("feature_flag");
        flag.HasKey(f => f.Name);
        flag.Property(f => f.Definition).HasColumnType("jsonb");
    }
}

static class FeatureFlagTable
{
    extension(HostDb db) { public DbSet<FeatureFlag> FeatureFlags => db.Set<FeatureFlag>(); }
}
