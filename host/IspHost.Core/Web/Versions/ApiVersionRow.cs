using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Web.Versions;

/// <summary>How a version of the API stands.</summary>
public enum VersionState
{
    /// <summary>It can be tried, and may still change.</summary>
    Preview,

    /// <summary>It is meant by who names none.</summary>
    Current,

    /// <summary>It works as before, and will end.</summary>
    Deprecated,

    /// <summary>It is refused.</summary>
    Ended,
}

/// <summary>A version of the API.</summary>
public sealed class ApiVersionRow
{
    /// <summary>By which it is known.</summary>
    public required LocalDate Version { get; init; }

    /// <summary>As the operator has said: that a version has ended follows from its day.</summary>
    public required VersionState State { get; set; }

    public LocalDate? ReleasedOn { get; set; }
    public LocalDate? DeprecatedOn { get; set; }

    /// <summary>The first day on which it is refused.</summary>
    public LocalDate? SunsetOn { get; set; }

    /// <summary>How it stands on a day.</summary>
    public VersionState StateOn(LocalDate today) => SunsetOn <= today ? VersionState.Ended : State;
}

/// <summary>Calls of an operation in a version that will end.</summary>
public sealed class VersionCall
{
    public required LocalDate Version { get; init; }
    public required string KeyPrefix { get; init; }
    public required string Operation { get; init; }

    /// <summary>For whom; null for the operator, who is above tenants.</summary>
    public TenantId? Tenant { get; init; }

    public required long Calls { get; init; }
    public required Instant FirstAt { get; init; }
    public required Instant LastAt { get; init; }
}

sealed class ApiVersionMapping : IEntityTypeConfiguration<ApiVersionRow>
{
    public void Configure(EntityTypeBuilder<ApiVersionRow> version)
    {
        version.ToTable("api_versions");
        version.HasKey(v => v.Version);
        version.HasVersion();
    }
}

sealed class VersionCallMapping : IEntityTypeConfiguration<VersionCall>
{
    public void Configure(EntityTypeBuilder<VersionCall> call)
    {
        call.ToTable("api_version_call");
        call.HasKey(c => new { c.Version, c.KeyPrefix, c.Operation });
    }
}

static class ApiVersionTables
{
    extension(HostDb db)
    {
        public DbSet<ApiVersionRow> ApiVersions => db.Set<ApiVersionRow>();

        public DbSet<VersionCall> VersionCalls => db.Set<VersionCall>();
    }
}
