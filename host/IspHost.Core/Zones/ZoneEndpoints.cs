using IspHost.Core.Web;
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
        => api.MapGroup("/time-zones").WithTags("Time zones").ForOperators().MapGet("/", Get);

    static async Task<Ok<ZonesView>> Get(ZoneRules rules, ZoneComparison comparison, CancellationToken stop)
        => TypedResults.Ok(new ZonesView(
            rules.Version, [.. (await comparison.CompareAsync(stop)).Select(ZoneDifferenceView.Of)]));
}

/// <summary>The rules in use, and who disagrees with them.</summary>
public sealed record ZonesView(string Version, IReadOnlyList<ZoneDifferenceView> Differences);

/// <summary>Somebody knows another time than we do. What is added to UTC is in seconds.</summary>
public sealed record ZoneDifferenceView(string Zone, string Source, Instant From, int OurSeconds, int TheirSeconds)
{
    internal static ZoneDifferenceView Of(ZoneDifference difference) => new(
        difference.Zone, difference.Source, difference.From, difference.Ours.Seconds, difference.Theirs.Seconds);
}
