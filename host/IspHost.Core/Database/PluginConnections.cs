using IspHost.Sdk.Data;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>The connections of a plugin, as the role that sees its own schema and what the host lets plugins do.</summary>
/// <remarks>It is there before the plugin's schema is, and outlives each generation of the plugin.</remarks>
sealed class PluginConnections(string plugin) : IDatabase
{
    volatile LanePools? pools;

    public NpgsqlDataSource Connections => pools?.Current ?? throw new InvalidOperationException(
        $"Plugin {plugin} owns no schema, or works with it before it has one: AddDatabase gives it one when it is configured.");

    /// <summary>Who it works as; null until it has a schema.</summary>
    public PluginLogin? Login { get; private set; }

    /// <summary>Takes these from now on. Whoever has a connection of the pools before gives it back to those.</summary>
    public void Use(PluginLogin login, LanePools next)
    {
        Login = login;
        foreach (var source in Interlocked.Exchange(ref pools, next)?.All ?? [])
            source.Clear();
    }

    /// <summary>Closes what is idle.</summary>
    public void Clear()
    {
        foreach (var source in pools?.All ?? [])
            source.Clear();
    }
}

/// <summary>Who a plugin is for PostgreSQL.</summary>
/// <param name="Role">The role's name.</param>
/// <param name="Password">Its password.</param>
/// <param name="HearsDatagrams">Whether packets come to it.</param>
sealed record PluginLogin(string Role, string Password, bool HearsDatagrams)
{
    public override string ToString() => Role;
}
