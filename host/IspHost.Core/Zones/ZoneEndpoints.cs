using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Core.Zones;

/// <summary>Which rules of time zones are in use, for the operator.</summary>
public static class ZoneEndpoints
{
    /// <summary>Maps <c>/time-zones</c>.</summary>
    public static void MapTimeZones(this IEndpointRouteBuilder api)
        => api.MapGroup("/time-zones")
            .InChapter("Time zones", "By which rules days and months begin.").ForOperators().MapGet("/", Get).Documented(
            "getTimeZones", "Get the rules of time zones", "Which are in use, and where the system or the database knows others.");

    static async Task<Ok<ZonesView>> Get(ZoneRules rules, ZoneComparison comparison, CancellationToken stop)
        => TypedResults.Ok(new ZonesView(
            rules.Version, [.. (await comparison.CompareAsync(stop)).Select(ZoneDifferenceView.Of)]));
}

/// <summary>The rules in use, and who disagrees with them.</summary>
/// <param name="Version">Of the tz database.</param>
/// <param name="Differences">Where somebody knows another time.</param>
public sealed record ZonesView(string Version, IReadOnlyList<ZoneDifferenceView> Differences);

/// <summary>Somebody knows another time than we do.</summary>
/// <param name="Zone">The time zone.</param>
/// <param name="Source">Who.</param>
/// <param name="From">From when on.</param>
/// <param name="OurSeconds">What we add to UTC.</param>
/// <param name="TheirSeconds">What they add.</param>
public sealed record ZoneDifferenceView(string Zone, string Source, Instant From, int OurSeconds, int TheirSeconds)
{
    internal static ZoneDifferenceView Of(ZoneDifference difference) => new(
        difference.Zone, difference.Source, difference.From, difference.Ours.Seconds, difference.Theirs.Seconds);
}
