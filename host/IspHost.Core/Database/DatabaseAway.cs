using System.Data.Common;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>The database does not answer.</summary>
sealed class DatabaseAwayException() : Exception("The database does not answer.");

/// <summary>Tells a database that is away, or too slow, from one that refuses a statement.</summary>
static class DatabaseAway
{
    /// <summary>EF Core wraps what is worth another try in exceptions of its own, so the causes count as well.</summary>
    public static bool Is(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DatabaseAwayException or DbException { IsTransient: true } or PostgresException
                {
                    SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.QueryCanceled
                })
                return true;
        }
        return false;
    }
}
