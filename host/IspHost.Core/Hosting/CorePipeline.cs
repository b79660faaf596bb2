using IspHost.Core.Database;
using IspHost.Core.Web;
using Microsoft.AspNetCore.Builder;

namespace IspHost.Core.Hosting;

/// <summary>What every request passes through.</summary>
public static class CorePipeline
{
    /// <summary>Security headers, errors as problem documents, who calls, and that a repeated write happens once.</summary>
    public static void UseIspHost(this WebApplication app)
    {
        app.Use(static async (_, next) =>
        {
            DatabaseLanes.Current = DatabaseLane.Requests;
            await next();
        });
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<IdempotencyKeys>();
    }
}
