using IspHost.Core.Database;
using IspHost.Core.FeatureFlags;
using IspHost.Core.Idempotency;
using IspHost.Core.Limits;
using IspHost.Core.Versions;
using IspHost.Core.Web;
using Microsoft.AspNetCore.Builder;

namespace IspHost.Core.Hosting;

/// <summary>What every request passes through.</summary>
public static class CorePipeline
{
    /// <summary>Security headers, errors as problem documents, limits, who calls, and that a repeated write happens once.</summary>
    public static void UseIspHost(this WebApplication app)
    {
        app.Use(static async (_, next) =>
        {
            DatabaseLanes.Current = DatabaseLane.Requests;
            await next();
        });
        app.UseResponseCompression();
        app.UseMiddleware<HeadRequests>();
        app.UseRouting();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRequestTimeouts();
        app.UseRateLimiter();
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/api"), api => api.UseMiddleware<WhileDatabaseAnswers>());
        app.UseMiddleware<PlainQueries>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/api"), api => api.UseMiddleware<VersionedRequests>());
        app.UseMiddleware<HiddenEndpoints>();
        app.UseMiddleware<IdempotencyKeys>();
    }
}
