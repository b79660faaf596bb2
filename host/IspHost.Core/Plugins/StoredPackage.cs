using IspHost.Core.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Plugins;

/// <summary>A package that was taken. Its file lies on the node that took it.</summary>
public sealed class StoredPackage
{
    public required string Sha256 { get; init; }
    public required string Plugin { get; init; }
    public required string Version { get; init; }
    public required long Size { get; init; }

    /// <summary>The key that signed it; null if nobody did.</summary>
    public string? SignedBy { get; init; }

    /// <summary>What it asks for.</summary>
    public required string[] Permissions { get; init; }

    /// <summary>What the operator allowed when it was installed.</summary>
    public string[] Granted { get; set; } = [];

    public required PackageState State { get; set; }
    public required Instant UploadedAt { get; init; }

    /// <summary>The last time; null if it never was.</summary>
    public Instant? InstalledAt { get; set; }
}

/// <summary>What became of a package.</summary>
public enum PackageState
{
    /// <summary>It was checked, and is kept.</summary>
    Uploaded,

    /// <summary>Its plugin is loaded from it, again at each start.</summary>
    Installed,

    /// <summary>Another version took its place.</summary>
    Replaced,

    /// <summary>Its plugin was removed.</summary>
    Removed,
}

sealed class StoredPackageMapping : IEntityTypeConfiguration<StoredPackage>
{
    public void Configure(EntityTypeBuilder<StoredPackage> package)
    {
        package.ToTable("plugin_package");
        package.HasKey(p => p.Sha256);
    }
}

static class PackageTable
{
    extension(HostDb db) { public DbSet<StoredPackage> Packages => db.Set<StoredPackage>(); }
}
