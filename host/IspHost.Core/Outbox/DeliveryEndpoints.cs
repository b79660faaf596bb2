using System.ComponentModel.DataAnnotations;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Core.Outbox;

/// <summary>Deliveries of events that are not done: what fails, what was given up, and what to do about it.</summary>
public static class DeliveryEndpoints
{
    /// <summary>Maps <c>/deliveries</c>.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder api)
    {
        var deliveries = api.MapGroup("/deliveries")
            .InChapter("Deliveries", "Events on their way to plugins, where they got stuck.").ForTenants("deliveries");
        deliveries.MapGet("/", List).Documented(
            "listDeliveries", "List deliveries", "Of events to plugins: those that were given up, that fail, or that wait.");
        deliveries.MapPost("/replay", Replay).Documented(
            "replayDeliveries", "Replay deliveries that were given up", "All that match what is given. They begin anew.");
        deliveries.MapPost("/drop", Drop).Documented(
            "dropDeliveries", "Drop deliveries that were given up", "All that match what is given. They are never delivered.");

        api.MapGroup("/dead-deliveries").WithTags("Deliveries").ForOperators().MapGet("/", Dead).Documented(
            "listDeadDeliveries", "Count deliveries that were given up", "By tenant and handler: who must be helped.");
    }

    static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> List(
        CurrentTenant current, DeliveryRows rows, CancellationToken stop,
        [AllowedValues("dead", "failing", "pending")] string state = "dead", [Cursor] string? cursor = null,
        [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "deliveries", 3, out var place) || DeliveryPosition.Of(place) is not { } after)
            return Cursor.Unknown;
        var wanted = Enum.Parse<DeliveryState>(state, ignoreCase: true);
        return TypedResults.Ok(Page.Of(
            await rows.ListAsync(current.Id, wanted, after, limit + 1, stop), limit,
            delivery => Cursor.Of("deliveries", delivery.Position.Texts)));
    }

    static Task<Results<Ok<ChangedDeliveries>, ProblemHttpResult>> Replay(
        DeadDeliveries which, CurrentTenant current, DeliveryRows rows, CancellationToken stop)
        => ChangeAsync(which, current.Caller, rows.ReplayAsync, stop);

    static Task<Results<Ok<ChangedDeliveries>, ProblemHttpResult>> Drop(
        DeadDeliveries which, CurrentTenant current, DeliveryRows rows, CancellationToken stop)
        => ChangeAsync(which, current.Caller, rows.DropAsync, stop);

    static async Task<Results<Ok<ChangedDeliveries>, ProblemHttpResult>> ChangeAsync(
        DeadDeliveries which, Caller caller, Func<TenantId, DeadDeliveries, string, Instant, CancellationToken, Task<int>> change,
        CancellationToken stop)
        => which == new DeadDeliveries()
            ? Problems.Field("event", "given, unless plugin, handler or before is")
            : TypedResults.Ok(new ChangedDeliveries(await change(caller.Tenant, which, caller.Actor, caller.Now, stop)));

    static async Task<Results<Ok<Page<DeadDeliveryCountView>>, ProblemHttpResult>> Dead(
        Backlog backlog, TenantDirectory tenants, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "dead-deliveries", 3, out var place) || DeadDeliveryCountView.After(place) is not { } after)
            return Cursor.Unknown;
        var rows = await backlog.GivenUpAsync(after, limit + 1, stop);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of("dead-deliveries", row.Tenant.ToString(), row.Plugin, row.Name))
            .Select(row => DeadDeliveryCountView.Of(row, tenants.Find(row.Tenant)?.Code)));
    }
}

/// <summary>How many deliveries were changed.</summary>
/// <param name="Count">How many.</param>
public sealed record ChangedDeliveries(int Count);

/// <summary>How many deliveries of a tenant to one handler were given up, as the API shows it to the operator.</summary>
/// <param name="Tenant">The tenant's code.</param>
/// <param name="Kind">The event's name.</param>
/// <param name="Plugin">Who wants it.</param>
/// <param name="Handler">What of it.</param>
/// <param name="Count">How many.</param>
public sealed record DeadDeliveryCountView(string Tenant, string Kind, string Plugin, string Handler, long Count)
{
    internal static DeadDeliveryCountView Of(GivenUp row, string? code)
    {
        var name = row.Name.Split(' ', 2);
        return new DeadDeliveryCountView(code ?? row.Tenant.ToString(), name[0], row.Plugin, name[^1], row.Count);
    }

    internal static GivenUp? After(string[]? place) => place switch
    {
        null => new GivenUp(default, "", "", 0),
        [var id, var plugin, var name] when TenantId.TryParse(id, null, out var tenant) => new GivenUp(tenant, plugin, name, 0),
        _ => null,
    };
}
