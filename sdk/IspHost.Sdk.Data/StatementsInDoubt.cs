using System.Data;
using System.Data.Common;
using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>Keeps a value that PostgreSQL refuses from harming whoever has the connection next.</summary>
/// <remarks>
/// Npgsql prepares a statement by itself once it was used often enough. If PostgreSQL refuses a value in that very execution, before it has
/// said what the statement returns, Npgsql 10.0.3 takes the statement for prepared all the same; its next user fails with "unexpected
/// backend message DataRow", though nothing is wrong with what it asked. So after such a refusal the connection prepares anew.
/// </remarks>
static class StatementsInDoubt
{
    /// <summary>Data exceptions: values that are none of their type, or that cannot be computed with.</summary>
    const string ClassOfValues = "22";

    /// <remarks>Npgsql has no other way than to wait for it, some tenths of a millisecond.</remarks>
    public static void Forget(DbCommand command, Exception fault)
    {
        if (ConnectionInDoubt(command, fault) is { } connection)
            connection.UnprepareAll();
    }

    /// <summary>In a transaction that has failed nothing can be sent any more; its connection is no worse off than its work.</summary>
    static NpgsqlConnection? ConnectionInDoubt(DbCommand command, Exception fault)
        => fault is PostgresException { SqlState: var state } && state.StartsWith(ClassOfValues, StringComparison.Ordinal)
            && command is { Transaction: null, Connection: NpgsqlConnection { FullState: ConnectionState.Open } connection }
                ? connection
                : null;
}
