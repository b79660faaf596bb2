using System.Net;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace IspHost.Core.Network;

/// <summary>Where the addresses of services come from. A service gets one of each kind that the pool has.</summary>
public sealed class AddressPool
{
    public TenantId TenantId { get; init; }
    public required string Name { get; init; }
}

/// <summary>A prefix of a pool, cut into equal pieces.</summary>
public sealed class PoolPrefix
{
    public TenantId TenantId { get; init; }
    public required string Pool { get; init; }
    public required IPNetwork Prefix { get; init; }
    public required AddressKind Kind { get; init; }

    /// <summary>The length of a piece: 32 for IPv4, mostly 64 for a link and 56 for a customer's own network.</summary>
    public required int PieceLength { get; init; }

    /// <summary>How many pieces there are.</summary>
    public required long Pieces { get; init; }

    /// <summary>The first piece that was never given away.</summary>
    public long NextPiece { get; set; }

    /// <summary>A prefix cut into pieces of a kind, or why it cannot be.</summary>
    public static (PoolPrefix? Prefix, string? Broken) Cut(string pool, IPNetwork prefix, AddressKind kind, int? pieceLength)
    {
        var isV4 = prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        var length = pieceLength ?? kind switch { AddressKind.V4 => 32, AddressKind.V6 => 64, _ => 56 };
        if (isV4 != (kind is AddressKind.V4))
            return (null, isV4 ? "an IPv6 prefix for this kind" : "an IPv4 prefix for this kind");
        if (length < prefix.PrefixLength || length > (isV4 ? 32 : 128))
            return (null, $"cut into pieces from /{prefix.PrefixLength} to /{(isV4 ? 32 : 128)}");

        // The first and the last address of an IPv4 prefix are its network and broadcast address.
        var pieces = length - prefix.PrefixLength >= 62 ? long.MaxValue : 1L << (length - prefix.PrefixLength);
        var reserved = isV4 && prefix.PrefixLength < 31 ? 1 : 0;
        return (new PoolPrefix
        {
            Pool = pool,
            Prefix = prefix,
            Kind = kind,
            PieceLength = length,
            Pieces = pieces - reserved,
            NextPiece = reserved,
        }, null);
    }

    /// <summary>The piece with this number.</summary>
    public IPNetwork Piece(long number)
    {
        var octets = Prefix.BaseAddress.GetAddressBytes();
        var shift = (octets.Length * 8) - PieceLength;
        var offset = (UInt128)(ulong)number << shift;
        for (var i = octets.Length - 1; i >= 0 && offset > 0; i--, offset >>= 8)
            octets[i] |= (byte)(offset & 0xFF);
        return new IPNetwork(new IPAddress(octets), PieceLength);
    }
}

/// <summary>What an address is for.</summary>
public enum AddressKind
{
    /// <summary>One IPv4 address.</summary>
    V4,

    /// <summary>The IPv6 prefix of the link.</summary>
    V6,

    /// <summary>An IPv6 prefix for the subscriber's own network.</summary>
    Delegated,
}

/// <summary>An address or prefix that a service has.</summary>
public sealed class AssignedAddress
{
    public TenantId TenantId { get; init; }
    public required SubscriptionId SubscriptionId { get; init; }
    public required AddressKind Kind { get; init; }
    public required IPNetwork Address { get; init; }
    public required IPNetwork Prefix { get; init; }
}

sealed class AddressPoolMapping : IEntityTypeConfiguration<AddressPool>
{
    public void Configure(EntityTypeBuilder<AddressPool> pool)
    {
        pool.ToTable("address_pool");
        pool.HasKey(p => new { p.TenantId, p.Name });
    }
}

sealed class PoolPrefixMapping : IEntityTypeConfiguration<PoolPrefix>
{
    public void Configure(EntityTypeBuilder<PoolPrefix> prefix)
    {
        prefix.ToTable("pool_prefix");
        prefix.HasKey(p => new { p.TenantId, p.Prefix });
        prefix.Property(p => p.Prefix).HasColumnType("cidr").ValueGeneratedNever();
    }
}

sealed class AssignedAddressMapping : IEntityTypeConfiguration<AssignedAddress>
{
    public void Configure(EntityTypeBuilder<AssignedAddress> address)
    {
        address.ToTable("address_assignment");
        address.HasKey(a => new { a.TenantId, a.SubscriptionId, a.Kind });
        address.Property(a => a.Address).HasColumnType("cidr");
        address.Property(a => a.Prefix).HasColumnType("cidr");
    }
}

static class AddressTables
{
    extension(IspDb db)
    {
        public DbSet<AddressPool> AddressPools => db.Set<AddressPool>();

        public DbSet<PoolPrefix> PoolPrefixes => db.Set<PoolPrefix>();

        public DbSet<AssignedAddress> AssignedAddresses => db.Set<AssignedAddress>();
    }
}
