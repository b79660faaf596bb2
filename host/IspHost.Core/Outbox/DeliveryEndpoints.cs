using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Core.Work;
using IspHost.Sdk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Core.Outbox;

/// <summary>Deliveries of events that are not done: what fails, what was given up, and what to do about it.</summary>
public static class DeliveryEndpoints
{
    const string CursorRule = "what the page before has named as next";

    /// <summary>Maps <c>/deliveries</c>.</summary>
    public static void MapDeliveries(this IEndpointRouteBuilder api)
    {
        var deliveries = api.MapGroup("/deliveries").WithTags("Deliveries").ForTenants("deliveries");
        deliveries.MapGet("/", List);
        deliveries.MapPost("/replay", Replay);
        deliveries.MapPost("/drop", Drop);

        api.MapGroup("/dead-deliveries").WithTags("Deliveries").ForOperators().MapGet("/", Dead);
    }

    static async Task<Results<Ok<Page<DeliveryView>>, ProblemHttpResult>> List(
        CurrentTenant current, DeliveryRows rows, CancellationToken stop, string state = "dead", string? cursor = null, int limit = 50)
    {
        if (!Enum.TryParse<DeliveryState>(state, ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
            return Problems.Field("state", "dead, failing or pending");
        if ((cursor is null ? DeliveryPosition.First : DeliveryPosition.Parse(cursor)) is not { } after)
            return Problems.Field("cursor", CursorRule);
        var size = Page.Size(limit);
        return TypedResults.Ok(Page.Of(
            await rows.ListAsync(current.Id, wanted, after, size + 1, stop), size, delivery => delivery.Position.ToString()));
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

    static async Task<Results<Ok<Page<DeadDeliveriesView>>, ProblemHttpResult>> Dead(
        Backlog backlog, TenantDirectory tenants, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        if (DeadDeliveriesView.After(cursor) is not { } after)
            return Problems.Field("cursor", CursorRule);
        var size = Page.Size(limit);
        var rows = await backlog.GivenUpAsync(after, size + 1, stop);
        var page = Page.Of(rows, size, DeadDeliveriesView.CursorOf);
        return TypedResults.Ok(new Page<DeadDeliveriesView>(
            [.. page.Items.Select(row => DeadDeliveriesView.Of(row, tenants.Find(row.Tenant)?.Code))], page.Next));
    }
}

/// <summary>How many deliveries were changed.</summary>
public sealed record ChangedDeliveries(int Count);

/// <summary>How many deliveries of a tenant to one handler were given up, as the API shows it to the operator.</summary>
public sealed record DeadDeliveriesView(string Tenant, string Kind, string Plugin, string Handler, long Count)
{
    internal static DeadDeliveriesView Of(GivenUp row, string? code)
    {
        var name = row.Name.Split(' ', 2);
        return new DeadDeliveriesView(code ?? row.Tenant.ToString(), name[0], row.Plugin, name[^1], row.Count);
    }

    internal static string CursorOf(GivenUp row) => $"{row.Tenant} {row.Plugin} {row.Name}";

    internal static GivenUp? After(string? cursor)
        => cursor is null ? new GivenUp(default, "", "", 0)
            : cursor.Split(' ', 3) is [var id, var plugin, var name] && TenantId.TryParse(id, null, out var tenant)
                ? new GivenUp(tenant, plugin, name, 0)
                : null;
}
