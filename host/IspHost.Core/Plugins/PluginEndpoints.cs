using IspHost.Core.Audit;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.PluginRuntime;
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
        var plugins = api.MapGroup("/plugins").WithTags("Plugins").ForOperators();
        plugins.WithRequestTimeout(LimitsSetup.Long);

        plugins.MapGet("/", List);
        plugins.MapGet("/listeners", Listeners);
        plugins.MapPost("/", Load);
        plugins.MapPost("/{id}/replace", Replace);
        plugins.MapDelete("/{id}", Remove);
    }

    static Ok<IReadOnlyList<PluginStatus>> List(PluginHost plugins) => TypedResults.Ok(plugins.Status);

    static Ok<List<ListenerView>> Listeners(PluginHost plugins) => TypedResults.Ok(plugins.Listeners.Select(ListenerView.Of).ToList());

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
            return Problems.Unprocessable("plugin-refused", refusal.Message);
        }
    }

    static async Task<Results<Ok<ReplacementView>, ProblemHttpResult>> Replace(
        string id, PluginFolder? request, PluginHost plugins, PluginFolders folders, OperatorTrail trail, CancellationToken stop)
    {
        if (plugins.Status.All(plugin => plugin.Id != id || plugin.Current is null))
            return Problems.NotFound("unknown-plugin", $"No plugin {id} is loaded.");
        if (folders.Find(request?.Folder ?? id) is not { } folder)
            return UnknownFolder(folders);
        try
        {
            return TypedResults.Ok(ReplacementView.Of(await trail.ActAsync(
                "plugin.replace", $"plugin/{id}", new { folder = Path.GetFileName(folder) },
                token => plugins.ReplaceAsync(id, folder, token),
                report => new { from = report.From.Version, to = report.To.Version, report.Old.Drained, report.Old.Unloaded }, stop)));
        }
        catch (PluginLoadException refusal)
        {
            return Problems.Unprocessable("plugin-refused", refusal.Message);
        }
    }

    /// <summary>Of this node. Where no other has the plugin either, its subscriptions to events end, too.</summary>
    static async Task<Results<Ok<RetirementView>, ProblemHttpResult>> Remove(
        string id, PluginHost plugins, OperatorTrail trail, CancellationToken stop)
    {
        if (plugins.Status.All(plugin => plugin.Id != id || plugin.Current is null))
            return Problems.NotFound("unknown-plugin", $"No plugin {id} is loaded.");
        try
        {
            return TypedResults.Ok(RetirementView.Of(await trail.ActAsync(
                "plugin.remove", $"plugin/{id}", detail: null, token => plugins.RemoveAsync(id, token),
                report => new { report.Drained, report.Unloaded }, stop)));
        }
        catch (PluginLoadException refusal)
        {
            return Problems.Unprocessable("plugin-refused", refusal.Message);
        }
    }

    static ProblemHttpResult UnknownFolder(PluginFolders folders)
        => Problems.Field("folder", $"the name of a folder with a plugin.json below {string.Join(" or ", folders.Roots)}");
}

/// <summary>A folder below one of the node's plugin roots.</summary>
/// <param name="Folder">Its name, without a path.</param>
public sealed record PluginFolder(string Folder);

/// <summary>How a plugin was replaced, as the API shows it. Times are in milliseconds.</summary>
public sealed record ReplacementView(string Id, PluginGeneration From, PluginGeneration To, long PrepareMs, RetirementView Old)
{
    internal static ReplacementView Of(ReplacementReport report)
        => new(report.Id, report.From, report.To, (long)report.Prepare.TotalMilliseconds, RetirementView.Of(report.Old));
}

/// <summary>How a generation ended, as the API shows it. Times are in milliseconds.</summary>
public sealed record RetirementView(bool Drained, bool Unloaded, long DrainMs, long UnloadMs)
{
    internal static RetirementView Of(RetirementReport report)
        => new(report.Drained, report.Unloaded, (long)report.Drain.TotalMilliseconds, (long)report.Unload.TotalMilliseconds);
}

/// <summary>A UDP port, as the API shows it.</summary>
public sealed record ListenerView(
    string Name, string Plugin, int Port, long Received, long Answered, long Dropped, long Oversized, long Failed,
    long Interrupted)
{
    internal static ListenerView Of(ListenerStatus listener) => new(
        listener.Name, listener.Plugin, listener.EndPoint.Port, listener.Received, listener.Answered, listener.Dropped, listener.Oversized,
        listener.Failed, listener.Interrupted);
}
