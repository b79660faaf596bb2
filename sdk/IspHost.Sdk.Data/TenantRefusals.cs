using System.Diagnostics.Metrics;
using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>Counts what row-level security has refused: each is a mistake in code, or somebody who tries.</summary>
static class TenantRefusals
{
    static readonly Counter<long> Refused = new Meter("IspHost.Data").CreateCounter<long>(
        "isphost.rls.refusals", "{statement}", "Statements that would have written a row of another tenant, or of none.");

    /// <summary>Notes an exception, for a filter.</summary>
    /// <returns>False: whoever called gets the exception.</returns>
    public static bool Note(Exception? cause)
    {
        if (cause is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
            Refused.Add(1);
        return false;
    }
}
