using IspHost.Core.Database;
using IspHost.Core.Web;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Limits;

/// <summary>Refuses requests at once while the database does not answer, instead of letting them wait for it.</summary>
/// <remarks>Those that wait already are ended by the pulse, with the connections they wait for.</remarks>
sealed class WhileDatabaseAnswers(RequestDelegate next, DatabasePulse pulse)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!pulse.IsAway)
        {
            await next(http);
            return;
        }
        // The pulse has said so once: a line for each request would fill the log.
        http.Response.Headers.RetryAfter = "1";
        await Refusals.Of(Refusals.DatabaseUnavailable).ExecuteAsync(http);
    }
}
