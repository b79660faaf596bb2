using IspHost.Core.Database;
using IspHost.Sdk.Web;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Web.Versions;

/// <summary>The versions of the API as the operator has them stand, in memory.</summary>
public sealed class KnownVersions(IDbContextFactory<HostDb> host, IClock clock)
{
    volatile IReadOnlyList<ApiVersionRow> all = [];

    /// <summary>Those that this node can speak, the oldest first. A node that is being replaced may not know the newest.</summary>
    public IReadOnlyList<ApiVersionRow> All => all;

    /// <summary>What is meant by who names none.</summary>
    public ApiVersionRow Current => all.Single(version => version.State is VersionState.Current);

    /// <summary>Today, by which versions end: in UTC, as HTTP's dates are.</summary>
    public LocalDate Today => clock.GetCurrentInstant().InUtc().Date;

    /// <summary>The version of a date, if there is one.</summary>
    public ApiVersionRow? Find(LocalDate version) => all.FirstOrDefault(known => known.Version == version);

    /// <summary>Whether a key may ask for a version.</summary>
    public bool IsServed(LocalDate version) => Find(version) is { } known && known.StateOn(Today) is not VersionState.Ended;

    /// <summary>What a version that is asked for must be.</summary>
    public string Rule => $"one of {string.Join(", ", all.Where(known => IsServed(known.Version))
        .Select(known => RequestedVersion.TextOf(known.Version)))}";

    /// <summary>Reads all versions again.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        all = await db.ApiVersions.AsNoTracking()
            .Where(version => ApiVersions.All.Contains(version.Version))
            .OrderBy(version => version.Version)
            .ToListAsync(cancellationToken);
    }
}
