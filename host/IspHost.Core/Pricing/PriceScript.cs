using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Pricing;

/// <summary>A revision of a price script, named by the hash of its source. It never changes.</summary>
public sealed class PriceScript
{
    public TenantId TenantId { get; init; }
    public required string Hash { get; init; }
    public required string Name { get; init; }
    public required int Revision { get; init; }
    public required string Source { get; init; }

    /// <summary>What the compiler made of the source.</summary>
    public required byte[] Image { get; init; }

    /// <summary>Which compiler and which rules made the image.</summary>
    public required string Compiler { get; init; }

    public required Instant CreatedAt { get; init; }
}

sealed class PriceScriptMapping : IEntityTypeConfiguration<PriceScript>
{
    public void Configure(EntityTypeBuilder<PriceScript> script)
    {
        script.ToTable("price_script");
        script.HasKey(s => new { s.TenantId, s.Hash });
        script.Property(s => s.Hash).HasColumnType("char(64)");
    }
}

static class PriceScriptTable
{
    extension(IspDb db)
    {
        public DbSet<PriceScript> PriceScripts => db.Set<PriceScript>();

        /// <summary>The hash of the newest revision of the script with this name, or null if there is no such script.</summary>
        public Task<string?> NewestHashAsync(string name, CancellationToken cancellationToken)
            => db.PriceScripts
                .Where(script => script.Name == name)
                .OrderByDescending(script => script.Revision)
                .Select(script => script.Hash)
                .FirstOrDefaultAsync(cancellationToken);
    }
}
