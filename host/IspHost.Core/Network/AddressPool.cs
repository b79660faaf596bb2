using System.Net;
using System.Net.Sockets;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Network;

/// <summary>Where the addresses of services come from. A service gets one of each kind that the pool has.</summary>
public sealed class AddressPool
{
    public TenantId TenantId { get; init; }
    public required string Name { get; init; }

    /// <summary>How long an address rests after its service has ended, before another service gets it.</summary>
    public int QuarantineSeconds { get; init; } = DefaultQuarantineSeconds;

    /// <summary>An hour: a device that does not answer may keep the ended service's session up for a while.</summary>
    public const int DefaultQuarantineSeconds = 3600;
}

/// <summary>A prefix of a pool, cut into equal pieces.</summary>
public sealed class PoolPrefix
{
    public TenantId TenantId { get; init; }
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Pool { get; init; }
    public required IPNetwork Prefix { get; init; }
    public required AddressKind Kind { get; init; }

    /// <summary>The length of a piece: 32 for IPv4, mostly 64 for a link and 56 for a customer's own network.</summary>
    public required int PieceLength { get; init; }

    /// <summary>How many pieces there are.</summary>
    public required long Pieces { get; init; }

    /// <summary>The first piece that was never drawn.</summary>
    public long NextPiece { get; init; }

    /// <summary>How many pieces can be given in all.</summary>
    public long Usable => Pieces - FirstOf(Prefix);

    /// <summary>A prefix cut into pieces of a kind, or the field that keeps it from being cut, and the field's rule.</summary>
    public static (PoolPrefix? Prefix, (string Field, string Rule) Broken) Cut(
        string pool, IPNetwork prefix, AddressKind kind, int? pieceLength)
    {
        if (Reserved.Any(network => network.Contains(prefix.BaseAddress) || prefix.Contains(network.BaseAddress)))
            return (null, ("prefix", "of addresses that a subscriber can have: not loopback, link-local, multicast or reserved ones"));
        var isV4 = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        var length = pieceLength ?? kind switch { AddressKind.V4 => 32, AddressKind.V6 => 64, _ => 56 };
        if (isV4 != (kind is AddressKind.V4))
            return (null, ("prefix", isV4 ? "an IPv6 prefix for this kind" : "an IPv4 prefix for this kind"));
        if (isV4 && length != 32)
            return (null, ("piece_length", "32 for IPv4: a session has one address"));
        if (length < prefix.PrefixLength || length > 128)
            return (null, ("piece_length", $"{prefix.PrefixLength} to 128 for this prefix"));

        // The first and the last address of an IPv4 prefix are its network and broadcast address.
        var pieces = length - prefix.PrefixLength >= 62 ? long.MaxValue : 1L << (length - prefix.PrefixLength);
        return (new PoolPrefix
        {
            Pool = pool,
            Prefix = prefix,
            Kind = kind,
            PieceLength = length,
            Pieces = pieces - FirstOf(prefix),
            NextPiece = FirstOf(prefix),
        }, default);
    }

    /// <summary>RFC 6890 and RFC 4291: no host on a network has such an address.</summary>
    static readonly IPNetwork[] Reserved =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("::/127"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    static int FirstOf(IPNetwork prefix)
        => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork && prefix.PrefixLength < 31 ? 1 : 0;
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

/// <summary>A piece that can be given, or will be able to when it has rested.</summary>
public sealed class FreePiece
{
    public TenantId TenantId { get; init; }
    public required string Pool { get; init; }
    public required AddressKind Kind { get; init; }
    public required Instant FreeAt { get; init; }
    public required IPNetwork Address { get; init; }
    public required IPNetwork Prefix { get; init; }
}

sealed class FreePieceMapping : IEntityTypeConfiguration<FreePiece>
{
    public void Configure(EntityTypeBuilder<FreePiece> piece)
    {
        piece.ToTable("free_piece");
        piece.HasNoKey(); // It is only counted here: functions of the schema give pieces and take them back.
        piece.Property(p => p.Address).HasColumnType("cidr");
        piece.Property(p => p.Prefix).HasColumnType("cidr");
    }
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
        prefix.HasKey(p => new { p.TenantId, p.Id });
        prefix.Property(p => p.Id).ValueGeneratedNever();
        prefix.Property(p => p.Prefix).HasColumnType("cidr");
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

        public DbSet<FreePiece> FreePieces => db.Set<FreePiece>();

        public DbSet<AssignedAddress> AssignedAddresses => db.Set<AssignedAddress>();
    }
}
