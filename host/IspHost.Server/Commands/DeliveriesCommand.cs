using System.CommandLine;
using System.Globalization;
using IspHost.Core.Outbox;
using IspHost.Sdk.Web;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Server.Commands;

/// <summary><c>deliveries</c>: events that did not reach their handlers, and what to do about it.</summary>
static class DeliveriesCommand
{
    static readonly Option<Guid?> Event = new("--event") { Description = "Of this event.", HelpName = "ID" };
    static readonly Option<string?> Plugin = new("--plugin") { Description = "To a handler of this plugin.", HelpName = "PLUGIN" };
    static readonly Option<string?> Handler = new("--handler") { Description = "To this handler.", HelpName = "HANDLER" };
    static readonly Option<Instant?> Before = new("--before")
    {
        Description = "Given up before this time, such as 2026-11-01T00:00:00Z.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            if (InstantPattern.ExtendedIso.Parse(result.Tokens.Single().Value) is { Success: true } parsed)
                return parsed.Value;
            result.AddError($"'{result.Tokens.Single().Value}' is not a time such as 2026-11-01T00:00:00Z.");
            return null;
        },
    };

    public static Command Create() => new("deliveries", "Events that did not reach their handlers.")
    {
        Dead(),
        List(),
        Change(
            "replay", "Has dead deliveries tried again, as if their events had just happened.", "will be tried again",
            "will be tried again"),
        Change("drop", "Removes dead deliveries: their events will not be delivered.", "was removed", "were removed"),
    };

    static Command Dead()
    {
        var command = new Command("dead", "Counts those that were given up, of all tenants.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var dead = await api.GetAsync<Page<DeadDeliveryCountView>>($"dead-deliveries?limit=500", null, stop);
            Output.Write(parsed, dead, Output.Table(
                ["TENANT", "EVENT", "PLUGIN", "HANDLER", "DEAD"],
                dead.Items.Select(row => (IReadOnlyList<string>)
                    [row.Tenant, row.Kind, row.Plugin, row.Handler, row.Count.ToString(CultureInfo.InvariantCulture)])));
        });
        return command;
    }

    static Command List()
    {
        var state = new Option<DeliveryState>("--state")
        {
            Description = "Dead: given up; failing: tried again; pending: all that wait.",
            DefaultValueFactory = _ => DeliveryState.Dead,
        };
        var cursor = new Option<string?>("--cursor") { Description = "Where the list before ended.", HelpName = "CURSOR" };
        var command = new Command("list", "Lists a tenant's that are not done, the oldest event first.")
        {
            CommonOptions.Tenant, state, cursor,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var path = $"deliveries?state={parsed.GetValue(state)}".ToLowerInvariant();
            if (parsed.GetValue(cursor) is { } after)
                path += $"&cursor={Uri.EscapeDataString(after)}";
            var page = await api.GetAsync<Page<DeliveryView>>(path, parsed.GetValue(CommonOptions.Tenant), stop);
            Output.Write(parsed, page, Output.Table(
                ["EVENT", "KIND", "KEY", "HANDLER", "ATTEMPTS", "ERROR"],
                page.Items.Select(delivery => (IReadOnlyList<string>)
                [
                    $"{delivery.Event}", delivery.Kind, delivery.Key, $"{delivery.Plugin} {delivery.Handler}",
                    delivery.Attempts.ToString(CultureInfo.InvariantCulture), delivery.Error ?? "",
                ])) + (page.Next is { } next ? $"{Environment.NewLine}More: --cursor '{next}'" : ""));
        });
        return command;
    }

    static Command Change(string verb, string description, string oneDone, string manyDone)
    {
        var command = new Command(verb, description) { CommonOptions.Tenant, Event, Plugin, Handler, Before }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var which = new DeadDeliveries(
                parsed.GetValue(Event), parsed.GetValue(Plugin), parsed.GetValue(Handler), parsed.GetValue(Before));
            var changed = await api.PostAsync<ChangedDeliveries>(
                $"deliveries/{verb}", parsed.GetValue(CommonOptions.Tenant), which, stop);
            var deliveries = Wording.Count(changed.Count, "delivery", "deliveries");
            Output.Write(parsed, changed, $"{deliveries} {(changed.Count == 1 ? oneDone : manyDone)}.");
        });
        return command;
    }
}
