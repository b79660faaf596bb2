using IspHost.Core.Database;
using IspHost.Core.Web;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Limits;

/// <summary>Refuses requests at once while the database does not answer, instead of letting them wait for it.</summary>
/// <remarks>
/// Those that wait already are not cancelled: Npgsql would ask the database to stop their statements, on a thread each, and wait for its
/// answer (10.0.3). They are as many as the pool has connections.
/// </remarks>
sealed class WhileDatabaseAnswers(RequestDelegate next, DatabasePulse pulse)
{
    public Task InvokeAsync(HttpContext http) => pulse.IsAway ? throw new DatabaseAwayException() : next(http);
}
