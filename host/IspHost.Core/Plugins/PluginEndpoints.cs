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
        await trail.RecordAsync("plugin.load", $"plugin/{request.Folder}", detail: null, stop);
        try
        {
            return TypedResults.Ok(await plugins.LoadAsync(folder, stop));
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
        await trail.RecordAsync("plugin.replace", $"plugin/{id}", new { folder = Path.GetFileName(folder) }, stop);
        try
        {
            return TypedResults.Ok(ReplacementView.Of(await plugins.ReplaceAsync(id, folder, stop)));
        }
        catch (PluginLoadException refusal)
        {
            return Problems.Unprocessable("plugin-refused", refusal.Message);
        }
    }

    static async Task<Results<Ok<RetirementView>, ProblemHttpResult>> Remove(
        string id, PluginHost plugins, OperatorTrail trail, CancellationToken stop)
    {
        if (plugins.Status.All(plugin => plugin.Id != id || plugin.Current is null))
            return Problems.NotFound("unknown-plugin", $"No plugin {id} is loaded.");
        await trail.RecordAsync("plugin.remove", $"plugin/{id}", detail: null, stop);
        return TypedResults.Ok(RetirementView.Of(await plugins.RemoveAsync(id, stop)));
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
