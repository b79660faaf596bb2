using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.PluginRuntime;

/// <summary>Runs a request in the current generation of a plugin, under a lease that lasts as long as the request.</summary>
/// <remarks>
/// A request that was routed just before a switch runs in the new generation: it finds the same endpoint there by its key.
/// </remarks>
sealed class EndpointCall
{
    readonly PluginHome home;
    readonly string key;
    readonly RouteEndpoint afterwards;

    public EndpointCall(PluginHome home, string key, RouteEndpoint mapped)
    {
        (this.home, this.key) = (home, key);
        // Middleware that runs afterwards asks for the endpoint, for metrics: it gets one without anything of the plugin's.
        var pattern = RoutePatternFactory.Parse(mapped.RoutePattern.RawText ?? "/");
        afterwards = new RouteEndpoint(static _ => Task.CompletedTask, pattern, 0, EndpointMetadataCollection.Empty, mapped.DisplayName);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (!home.TryAcquire(out var generation))
        {
            Refuse(context);
            return;
        }

        try
        {
            if (generation.FindRoute(key) is { } run)
                await RunAsync(context, generation, run);
            else
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        finally
        {
            context.SetEndpoint(afterwards);
            generation.Release();
        }
    }

    async Task RunAsync(HttpContext context, Generation generation, RequestDelegate run)
    {
        var services = context.RequestServices;
        // A request that outlives the time to drain ends here: a slow client must not keep the old code, nor find its container gone.
        await using var ending = generation.Stopping.UnsafeRegister(static request => ((HttpContext)request!).Abort(), context);
        try
        {
            await using var scope = generation.Container.CreateAsyncScope();
            context.RequestServices = scope.ServiceProvider;
            await run(context);
        }
        catch (Exception e) // The boundary to foreign code.
        {
            throw Translated(e, context);
        }
        finally
        {
            context.RequestServices = services;
        }
    }

    Exception Translated(Exception thrown, HttpContext context) => thrown switch
    {
        BadHttpRequestException { InnerException: JsonException json } bad
            => new BadHttpRequestException(bad.Message, bad.StatusCode, new JsonException(json.Message, json.Path, null, null)),
        BadHttpRequestException bad => new BadHttpRequestException(bad.Message, bad.StatusCode),
        OperationCanceledException when context.RequestAborted.IsCancellationRequested
            => new OperationCanceledException(context.RequestAborted),
        _ when IsDatabaseAway(thrown) => new ExtensionUnavailableException("endpoint", key, "its database does not answer"),
        _ => ExtensionFailedException.Of(thrown, "endpoint", key),
    };

    /// <summary>EF Core wraps what is worth another try in exceptions of its own, so the causes count as well.</summary>
    static bool IsDatabaseAway(Exception thrown)
    {
        for (var cause = thrown; cause is not null; cause = cause.InnerException)
        {
            if (cause is System.Data.Common.DbException { IsTransient: true })
                return true;
        }
        return false;
    }

    static void Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "1";
    }
}
