using IspHost.Sdk.Data;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>
/// The connections to PostgreSQL: as the application for all work, as the owner for schemas if the operator gave that right.
/// </summary>
public sealed class HostConnections : IDatabase, IAsyncDisposable
{
    HostConnections(NpgsqlDataSource connections, NpgsqlDataSource? owner, string connectionString)
        => (Connections, Owner, ConnectionString) = (connections, owner, connectionString);

    /// <inheritdoc/>
    public NpgsqlDataSource Connections { get; }

    /// <summary>As the owner of the schemas; null if the connection string is the application's.</summary>
    public NpgsqlDataSource? Owner { get; }

    /// <summary>The application's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>Connects, and makes sure that row-level security binds the application.</summary>
    /// <remarks>
    /// A connection string of a role that may create roles is taken as the owner's: the host then keeps the schemas up to date and
    /// works as a role of its own that it makes. Any other role is taken as the application's, and is refused if it could get
    /// around row-level security.
    /// </remarks>
    /// <exception cref="DatabaseStartException">The database cannot be used; the message says why, in one line.</exception>
    public static async Task<HostConnections> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var given = Parse(connectionString);
        var source = Build(given, maxPoolSize: 8);
        try
        {
            if (!await MayCreateRolesAsync(source, cancellationToken))
                return await AsApplicationAsync(source, given, owner: null, cancellationToken);

            await new Migrator(source).UpgradeAsync(HostSchema.Platform, cancellationToken);
            await new Migrator(source).UpgradeAsync(HostSchema.Cluster, cancellationToken);
            var login = await ApplicationLogin.EnsureAsync(source, cancellationToken);
            var application =
                new NpgsqlConnectionStringBuilder(given.ConnectionString) { Username = login.Role, Password = login.Password };
            return await AsApplicationAsync(Build(application, maxPoolSize: 60), application, source, cancellationToken);
        }
        catch (Exception cause) when (cause is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            await source.DisposeAsync();
            throw new DatabaseStartException(
                $"The database at {given.Host}:{given.Port} cannot be used: {cause.Message.ReplaceLineEndings(" ")}", cause);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Connections.DisposeAsync();
        if (Owner is not null)
            await Owner.DisposeAsync();
    }

    static async Task<HostConnections> AsApplicationAsync(
        NpgsqlDataSource source, NpgsqlConnectionStringBuilder settings, NpgsqlDataSource? owner, CancellationToken cancellationToken)
    {
        await ApplicationRights.CheckAsync(source, cancellationToken);
        if (owner is not null)
            return new HostConnections(source, owner, settings.ConnectionString);

        var missing = await Migrator.MissingAsync(source, HostSchema.Platform, cancellationToken);
        if (missing.Count > 0)
            throw new DatabaseStartException($"The database lacks {missing[0]}: run 'migrate' with the owner's connection string.");
        await source.DisposeAsync();
        return new HostConnections(Build(settings, maxPoolSize: 60), owner: null, settings.ConnectionString);
    }

    static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException)
        {
            throw new DatabaseStartException($"The connection string cannot be read: {cause.Message.ReplaceLineEndings(" ")}", cause);
        }
    }

    static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, int maxPoolSize)
    {
        var text = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            MaxPoolSize = maxPoolSize,
            MaxAutoPrepare = 200,
            ApplicationName = "isphost",
        };
        var builder = new NpgsqlDataSourceBuilder(text.ConnectionString);
        builder.UseNodaTime();
        return builder.Build();
    }

    static async Task<bool> MayCreateRolesAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select rolsuper or rolcreaterole from pg_roles where rolname = current_user");
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}

/// <summary>The database cannot be used. The message is one line for the operator.</summary>
public sealed class DatabaseStartException(string message, Exception? cause = null) : Exception(message, cause);
