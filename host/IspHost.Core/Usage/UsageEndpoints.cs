using IspHost.Core.ApiKeys;
using IspHost.Core.Database;
using IspHost.Core.Subscriptions;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Usage;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Core.Usage;

/// <summary>What services have used.</summary>
public static class UsageEndpoints
{
    const int MostDays = 400;

    /// <summary>Maps <c>/subscriptions/{id}/usage</c>, and where it was before.</summary>
    public static void MapUsage(this IEndpointRouteBuilder api)
    {
        var usage = api.MapGroup("").InChapter("Usage", "What services have used.").ForTenants("usage");

        usage.MapGet("/subscriptions/{id}/usage", Read).Documented(
            "getUsageOfSubscription", "Get the usage of a service",
            "By clock hour, of the days from `from` up to, but not including, `to`.");
        usage.MapGet("/usage/{id}", Read).EndsWith(ApiVersions.Next, "getUsageOfSubscription").Documented(
            "getUsage", "Get the usage of a service, at its old address",
            "By clock hour, of the days from `from` up to, but not including, `to`.");
    }

    static async Task<Results<Ok<UsageView>, NotFound, ProblemHttpResult>> Read(
        SubscriptionId id, [IsoDate] string from, [IsoDate] string to, CurrentTenant current, IUsage usage,
        TenantDatabase<IspDb> database, CancellationToken stop)
    {
        var pattern = LocalDatePattern.Iso;
        var rules = new FieldRules()
            .Check("from", pattern.Parse(from).TryGetValue(default, out var start), "a date, such as 2026-10-01")
            .Check("to", pattern.Parse(to).TryGetValue(default, out var end), "a date, such as 2026-11-01");
        if (rules.Problem is { } problem)
            return problem;
        if (end <= start || Period.DaysBetween(start, end) > MostDays)
            return Problems.Field("to", $"after from, by at most {MostDays} days");
        await using (var db = database.Open(current.Id))
        {
            if (!await db.Subscriptions.AnyAsync(service => service.Id == id, stop))
                return TypedResults.NotFound();
        }
        var hours = await usage.ReadAsync(current.Id, [id], new DateRange(start, end), stop);
        return TypedResults.Ok(new UsageView(
            id, hours.Sum(hour => hour.Up.Bytes), hours.Sum(hour => hour.Down.Bytes),
            [.. hours.Select(hour => new HourView(hour.Hour.ToInstant(), hour.Up.Bytes, hour.Down.Bytes))]));
    }
}

/// <summary>The usage of a service.</summary>
/// <param name="Subscription">The service.</param>
/// <param name="BytesUp">What the subscriber sent, in all.</param>
/// <param name="BytesDown">What the subscriber received, in all.</param>
/// <param name="Hours">By clock hour of the tenant; hours without usage are left out.</param>
public sealed record UsageView(SubscriptionId Subscription, long BytesUp, long BytesDown, IReadOnlyList<HourView> Hours);

/// <summary>The usage of a clock hour.</summary>
/// <param name="Hour">When it begins.</param>
/// <param name="BytesUp">What the subscriber sent.</param>
/// <param name="BytesDown">What the subscriber received.</param>
public sealed record HourView(Instant Hour, long BytesUp, long BytesDown);
