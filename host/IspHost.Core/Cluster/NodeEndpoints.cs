using IspHost.Core.Web;
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
        => api.MapGroup("/nodes").WithTags("Nodes").ForOperators().MapGet("/", List);

    static async Task<Ok<IReadOnlyList<ClusterNode>>> List(ClusterNodes nodes, CancellationToken cancellationToken)
        => TypedResults.Ok(await nodes.ListAsync(cancellationToken));
}
