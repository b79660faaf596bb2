using IspHost.Core.Database;
using IspHost.PluginRuntime;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Plugins;

/// <summary>A key that packages may be signed with.</summary>
public sealed class PublisherKey
{
    public required string Fingerprint { get; init; }
    public required string Publisher { get; init; }
    public required string PublicKey { get; init; }
    public required PublisherTier Tier { get; init; }
    public required Instant AddedAt { get; init; }
    public Instant? RevokedAt { get; set; }

    internal Publisher ToPublisher() => new() { Name = Publisher, PublicKey = PublicKey, Tier = Tier, IsRevoked = RevokedAt is not null };
}

sealed class PublisherKeyMapping : IEntityTypeConfiguration<PublisherKey>
{
    public void Configure(EntityTypeBuilder<PublisherKey> key)
    {
        key.ToTable("publisher_key");
        key.HasKey(k => k.Fingerprint);
    }
}

static class PublisherKeyTable
{
    extension(HostDb db) { public DbSet<PublisherKey> PublisherKeys => db.Set<PublisherKey>(); }
}
