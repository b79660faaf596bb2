using IspHost.Core.ApiKeys;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Usage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Core.Usage;

/// <summary>What services have used.</summary>
public static class UsageEndpoints
{
    /// <summary>Maps <c>/usage</c>.</summary>
    public static void MapUsage(this IEndpointRouteBuilder api)
        => api.MapGroup("/usage").WithTags("Usage").ForTenants("usage").MapGet("/{subscription}", Read);

    static async Task<Results<Ok<UsageView>, ProblemHttpResult>> Read(
        SubscriptionId subscription, string from, string to, CurrentTenant current, IUsage usage, CancellationToken stop)
    {
        var pattern = NodaTime.Text.LocalDatePattern.Iso;
        if (!pattern.Parse(from).TryGetValue(default, out var start) || !pattern.Parse(to).TryGetValue(default, out var end))
            return Problems.Field("from", "a date, and so must to, such as 2026-10-01");
        if (end <= start || Period.DaysBetween(start, end) > 400)
            return Problems.Field("to", "after from, by at most 400 days");

        var hours = await usage.ReadAsync(current.Id, [subscription], new DateRange(start, end), stop);
        return TypedResults.Ok(new UsageView(
            subscription, hours.Sum(hour => hour.Up.Bytes), hours.Sum(hour => hour.Down.Bytes),
            [.. hours.Select(hour => new HourView(hour.Hour, hour.Up.Bytes, hour.Down.Bytes))]));
    }
}

/// <summary>The usage of a service, in bytes.</summary>
public sealed record UsageView(SubscriptionId Subscription, long BytesUp, long BytesDown, IReadOnlyList<HourView> Hours);

/// <summary>The usage of a clock hour, in bytes.</summary>
public sealed record HourView(OffsetDateTime Hour, long BytesUp, long BytesDown);
