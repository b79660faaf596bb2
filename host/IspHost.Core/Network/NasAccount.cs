using System.Net;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IspHost.Core.Network;

/// <summary>An access server, as it is stored.</summary>
public sealed class NasAccount
{
    public TenantId TenantId { get; init; }
    public required NasId Id { get; init; }
    public required string Name { get; set; }
    public required IPAddress Address { get; init; }

    /// <summary>The shared secret, sealed by the vault.</summary>
    public required byte[] Secret { get; set; }

    public required string Vendor { get; set; }
    public required bool RequireMessageAuthenticator { get; set; }
    public required int ChangePort { get; set; }
}

sealed class NasMapping : IEntityTypeConfiguration<NasAccount>
{
    public void Configure(EntityTypeBuilder<NasAccount> nas)
    {
        nas.ToTable("nas_device");
        nas.HasKey(n => new { n.TenantId, n.Id });
        nas.Property(n => n.Id).ValueGeneratedNever();
        nas.HasVersion();
    }
}

static class NasTable
{
    extension(IspDb db) { public DbSet<NasAccount> NasAccounts => db.Set<NasAccount>(); }
}
