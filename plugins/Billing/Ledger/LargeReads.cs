using IspHost.Sdk;
using IspHost.Sdk.Data;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Reads the whole history of a tenant, within a time that the request has.</summary>
/// <remarks>
/// A statement that takes long is no sign of a database that is away: PostgreSQL ends it, and the connection stays. Its planner expects
/// a handful of rows wherever it has not counted yet, as after a first bill run, and would compare each row with each: such a check of
/// 4,000 lines took more than a minute, and 13 ms afterwards. So it may not loop; nor compile its plan, which takes longer than most
/// checks.
/// </remarks>
sealed class LargeReads(TenantDatabase<BillingDb> database)
{
    /// <summary>Less than a request has.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Null if one of the statements did not come to its end in time.</summary>
    public async Task<T?> ReadAsync<T>(
        TenantId tenant, Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken) where T : class
    {
        try
        {
            return await database.OnConnectionAsync(tenant, async (connection, stop) =>
            {
                await connection.ExecuteAsync(
                    """
                    select set_config('statement_timeout', $1, true), set_config('enable_nestloop', 'off', true),
                      set_config('jit', 'off', true)
                    """,
                    [Arg($"{Limit.TotalMilliseconds:0}ms")], stop);
                return await read(connection, stop);
            }, cancellationToken);
        }
        catch (PostgresException ended) when (
            ended.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
