using IspHost.Core.Audit;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.PluginRuntime;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Plugins;

/// <summary>The plugins of the node that answers, for the operator.</summary>
public static class PluginEndpoints
{
    /// <summary>Maps <c>/plugins</c>.</summary>
    public static void MapPluginAdministration(this IEndpointRouteBuilder api)
    {
        var plugins = api.MapGroup("/plugins").InChapter("Plugins", "What was installed, and how it does.").ForOperators();
        plugins.WithRequestTimeout(LimitsSetup.Long);

        plugins.MapGet("/", List).Documented(
            "listPlugins", "List plugins", "Of the node that answers: what serves, and what was refused and why.");
        plugins.MapGet("/listeners", Listeners).Documented(
            "listListeners", "List UDP ports of plugins", "Of the node that answers, with what came and what became of it.");
        plugins.MapPost("/", Load).Refuses(Refused).Documented(
            "loadPlugin", "Load a plugin", "Onto the node that answers. It serves when the answer comes.");
        plugins.MapPost("/{id}/replace", Replace).Refuses(Refused, Unknown).Documented(
            "replacePlugin", "Replace a plugin", "On the node that answers, by a newer or older version, while calls go on.");
        plugins.MapDelete("/{id}", Remove).Refuses(Refused, Unknown).Documented(
            "removePlugin", "Remove a plugin",
            "From the node that answers. Where no other has it either, its events are kept for it no more.");
    }

    internal static readonly ProblemType Refused = new(
        "plugin-refused", StatusCodes.Status422UnprocessableEntity, "Unprocessable",
        "The plugin cannot be loaded, and what served before still does. `detail` says at which step and why, `code` by which rule.");

    static readonly ProblemType Unknown = new(
        "unknown-plugin", StatusCodes.Status404NotFound, "Not found", "No plugin of this id is loaded on the node that answers.");

    static Results<Ok<Page<PluginStatus>>, ProblemHttpResult> List(
        PluginHost plugins, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
        => Page.TryTake(plugins.Status, "plugins", cursor, limit, plugin => plugin.Id, out var page)
            ? TypedResults.Ok(page)
            : Cursor.Unknown;

    static Results<Ok<Page<ListenerView>>, ProblemHttpResult> Listeners(
        PluginHost plugins, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
        => Page.TryTake(plugins.Listeners.Select(ListenerView.Of), "listeners", cursor, limit, port => port.Name, out var page)
            ? TypedResults.Ok(page)
            : Cursor.Unknown;

    static async Task<Results<Ok<PluginStatus>, ProblemHttpResult>> Load(
        PluginFolder request, PluginHost plugins, PluginFolders folders, OperatorTrail trail, CancellationToken stop)
    {
        if (folders.Find(request.Folder) is not { } folder)
            return UnknownFolder(folders);
        try
        {
            return TypedResults.Ok(await trail.ActAsync(
                "plugin.load", $"plugin/{request.Folder}", detail: null, token => plugins.LoadAsync(folder, token),
                status => new { status.Current?.Version }, stop));
        }
        catch (PluginLoadException refusal)
        {
            return RefusedFor(refusal);
        }
    }

    static async Task<Results<Ok<ReplacementView>, ProblemHttpResult>> Replace(
        string id, PluginFolder? request, PluginHost plugins, PluginFolders folders, Packages packages, OperatorTrail trail,
        CancellationToken stop)
    {
        if (plugins.Status.All(plugin => plugin.Id != id || plugin.Current is null))
            return Problems.Of(Unknown, $"No plugin {id} is loaded.");
        if (folders.Find(request?.Folder ?? id) is not { } folder)
            return UnknownFolder(folders);
        try
        {
            return TypedResults.Ok(ReplacementView.Of(await trail.ActAsync(
                "plugin.replace", $"plugin/{id}", new { folder = Path.GetFileName(folder) },
                token => ReplaceAsync(plugins, packages, id, folder, token),
                report => new { from = report.From.Version, to = report.To.Version, report.Old.Drained, report.Old.Unloaded }, stop)));
        }
        catch (PluginLoadException refusal)
        {
            return RefusedFor(refusal);
        }
    }

    /// <summary>Of this node. Where no other has the plugin either, its subscriptions to events end, too.</summary>
    static async Task<Results<Ok<RetirementView>, ProblemHttpResult>> Remove(
        string id, PluginHost plugins, Packages packages, OperatorTrail trail, CancellationToken stop)
    {
        if (plugins.Status.All(plugin => plugin.Id != id || plugin.Current is null))
            return Problems.Of(Unknown, $"No plugin {id} is loaded.");
        try
        {
            return TypedResults.Ok(RetirementView.Of(await trail.ActAsync(
                "plugin.remove", $"plugin/{id}", detail: null, token => RemoveAsync(plugins, packages, id, token),
                report => new { report.Drained, report.Unloaded }, stop)));
        }
        catch (PluginLoadException refusal)
        {
            return RefusedFor(refusal);
        }
    }

    static async Task<ReplacementReport> ReplaceAsync(
        PluginHost plugins, Packages packages, string id, string folder, CancellationToken stop)
    {
        var report = await plugins.ReplaceAsync(id, folder, stop);
        await packages.ForgetAsync(id, PackageState.Replaced, stop);
        return report;
    }

    static async Task<RetirementReport> RemoveAsync(PluginHost plugins, Packages packages, string id, CancellationToken stop)
    {
        var report = await plugins.RemoveAsync(id, stop);
        await packages.ForgetAsync(id, PackageState.Removed, stop);
        return report;
    }

    internal static ProblemHttpResult RefusedFor(PluginLoadException refusal) => Problems.Of(
        Refused, $"{refusal.Message} {refusal.Refusal.Remedy}", new Dictionary<string, object?> { ["code"] = refusal.Refusal.Code });

    static ProblemHttpResult UnknownFolder(PluginFolders folders)
        => Problems.Field("folder", $"the name of a folder with a plugin.json below {string.Join(" or ", folders.Roots)}");
}

/// <summary>A folder below one of the node's plugin roots.</summary>
/// <param name="Folder">Its name, without a path.</param>
public sealed record PluginFolder([Line(200)] string Folder);

/// <summary>How a plugin was replaced, as the API shows it.</summary>
/// <param name="Id">The plugin.</param>
/// <param name="From">What served before.</param>
/// <param name="To">What serves now.</param>
/// <param name="PrepareMs">How long it took to load it, while the old one served, in milliseconds.</param>
/// <param name="Old">What became of the old one.</param>
public sealed record ReplacementView(string Id, PluginGeneration From, PluginGeneration To, long PrepareMs, RetirementView Old)
{
    internal static ReplacementView Of(ReplacementReport report)
        => new(report.Id, report.From, report.To, (long)report.Prepare.TotalMilliseconds, RetirementView.Of(report.Old));
}

/// <summary>How a generation ended, as the API shows it.</summary>
/// <param name="Drained">Whether its calls ended by themselves.</param>
/// <param name="Unloaded">Whether it is seen to be gone from memory.</param>
/// <param name="DrainMs">How long its last calls took, in milliseconds.</param>
/// <param name="UnloadMs">How long it took to see it gone, in milliseconds.</param>
public sealed record RetirementView(bool Drained, bool Unloaded, long DrainMs, long UnloadMs)
{
    internal static RetirementView Of(RetirementReport report)
        => new(report.Drained, report.Unloaded, (long)report.Drain.TotalMilliseconds, (long)report.Unload.TotalMilliseconds);
}

/// <summary>A UDP port, as the API shows it.</summary>
/// <param name="Name">By which the configuration gives it.</param>
/// <param name="Plugin">Whose it is.</param>
/// <param name="Port">Its number.</param>
/// <param name="Received">How many datagrams came.</param>
/// <param name="Answered">How many were answered.</param>
/// <param name="Dropped">How many found no room.</param>
/// <param name="Oversized">How many were too large.</param>
/// <param name="Failed">How many a handler failed on.</param>
/// <param name="Interrupted">How many were lost because a handler took too long.</param>
public sealed record ListenerView(
    string Name, string Plugin, int Port, long Received, long Answered, long Dropped, long Oversized, long Failed,
    long Interrupted)
{
    internal static ListenerView Of(ListenerStatus listener) => new(
        listener.Name, listener.Plugin, listener.EndPoint.Port, listener.Received, listener.Answered, listener.Dropped, listener.Oversized,
        listener.Failed, listener.Interrupted);
}
