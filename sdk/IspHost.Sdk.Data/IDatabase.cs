using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>The host's connections to PostgreSQL, as the application role: it owns no table and row-level security binds it.</summary>
/// <remarks>
/// Without a tenant every tenant table looks empty. Reach tables through <see cref="TenantDatabase{TDb}"/>, which names the
/// tenant with each command.
/// </remarks>
[HostService]
public interface IDatabase
{
    /// <summary>The pool for what the present flow of calls belongs to: packets, requests, or work that nobody waits for.</summary>
    /// <remarks>
    /// Ask for it each time: another flow has another pool. Never dispose it, and never map types of a plugin on it. In the flow of
    /// packets a statement has 3 seconds and the wait for a connection 1 second.
    /// </remarks>
    NpgsqlDataSource Connections { get; }
}
