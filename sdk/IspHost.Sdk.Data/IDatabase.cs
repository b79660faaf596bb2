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
    /// <summary>The pool. Never dispose it, and never map types of a plugin on it.</summary>
    NpgsqlDataSource Connections { get; }
}
