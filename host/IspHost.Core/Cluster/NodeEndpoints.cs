using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Cluster;

/// <summary>The nodes of the cluster, for the operator.</summary>
public static class NodeEndpoints
{
    /// <summary>Maps <c>/nodes</c>.</summary>
    public static void MapNodes(this IEndpointRouteBuilder api)
        => api.MapGroup("/nodes").InChapter("Nodes", "The processes that serve together.").ForOperators().MapGet("/", List).Documented(
            "listNodes", "List the nodes of the cluster", "By name: those that serve, and those that are coming or going.");

    static async Task<Results<Ok<Page<ClusterNode>>, ProblemHttpResult>> List(
        ClusterNodes nodes, CancellationToken stop, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
        => Page.TryTake(await nodes.ListAsync(stop), "nodes", cursor, limit, node => node.Name, out var page)
            ? TypedResults.Ok(page)
            : Cursor.Unknown;
}
