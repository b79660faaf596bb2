using System.Data.Common;
using IspHost.Sdk.Data;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>
/// The connections to PostgreSQL: as the application for all work, as the owner for schemas if the operator gave that right.
/// </summary>
public sealed class HostConnections : IDatabase, IAsyncDisposable
{
    readonly OpenSockets sockets = new();
    readonly NpgsqlDataSource packets;
    readonly NpgsqlDataSource requests;
    readonly NpgsqlDataSource work;

    HostConnections(NpgsqlConnectionStringBuilder application, IReadOnlyDictionary<DatabaseLane, int> sizes, NpgsqlDataSource? owner)
    {
        Owner = owner;
        ConnectionString = application.ConnectionString;
        MostJobs = sizes[DatabaseLane.Work] / 2;
        // An access server asks again after some seconds: by then it must have been said that the database does not answer.
        packets = Lane("isphost packets", sizes[DatabaseLane.Packets], wait: 1, command: 3);
        requests = Lane("isphost requests", sizes[DatabaseLane.Requests], wait: 2, command: 10);
        work = Lane("isphost work", sizes[DatabaseLane.Work], wait: 10, command: 30);
        // What it waits for is ended by the pulse, which is one of its users.
        Watch = Lane("isphost watch", ConnectionLimits.Watch, wait: 2, command: 0);
        Cluster = Build(
            new(application.ConnectionString) { SearchPath = "orleans", Timeout = 5, CommandTimeout = 10 }, "isphost cluster",
            ConnectionLimits.Cluster, sockets.Follow);

        NpgsqlDataSource Lane(string name, int size, int wait, int command) => Build(
            new(application.ConnectionString) { Timeout = wait, CommandTimeout = command }, name, size,
            builder =>
            {
                builder.UseNodaTime();
                sockets.Follow(builder);
            });
    }

    /// <summary>The pool of what the present flow of calls belongs to: packets, requests or work.</summary>
    /// <remarks>
    /// Each pool gives up long before its callers' own deadlines, so that what they see is an error of the database, and not their end.
    /// </remarks>
    public NpgsqlDataSource Connections => DatabaseLanes.Current switch
    {
        DatabaseLane.Packets => packets,
        DatabaseLane.Requests => requests,
        _ => work,
    };

    /// <summary>Orleans' own, which knows no types of NodaTime.</summary>
    internal NpgsqlDataSource Cluster { get; }

    /// <summary>For those who look whether the database answers. A pool that is full is not a database that hangs.</summary>
    internal NpgsqlDataSource Watch { get; }

    /// <summary>As the owner of the schemas; null if the connection string is the application's.</summary>
    public NpgsqlDataSource? Owner { get; }

    /// <summary>The application's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>How many pieces of a job may run at once: they leave half of the connections for work to events and actors.</summary>
    public int MostJobs { get; }

    /// <summary>Connects, and makes sure that row-level security binds the application.</summary>
    /// <remarks>
    /// A connection string of a role that may create roles is taken as the owner's: the host then keeps the schemas up to date and
    /// works as a role of its own that it makes. Any other role is taken as the application's, and is refused if it could get
    /// around row-level security.
    /// </remarks>
    /// <exception cref="DatabaseStartException">The database cannot be used; the message says why, in one line.</exception>
    public static Task<HostConnections> OpenAsync(string connectionString, CancellationToken cancellationToken)
        => OpenAsync(connectionString, new(), cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, CancellationToken)"/>
    public static async Task<HostConnections> OpenAsync(
        string connectionString, ConnectionLimits limits, CancellationToken cancellationToken)
    {
        var given = Parse(connectionString);
        var sizes = limits.Of(given);
        var source = Build(given, "isphost owner", ConnectionLimits.Owner, builder => builder.UseNodaTime());
        HostConnections? connections = null;
        try
        {
            if (!await MayCreateRolesAsync(source, cancellationToken))
                return await AsApplicationAsync(source, given, sizes, cancellationToken);

            await new Migrator(source).UpgradeAsync(HostSchema.Platform, cancellationToken);
            await new Migrator(source).UpgradeAsync(HostSchema.Cluster, cancellationToken);
            var login = await ApplicationLogin.EnsureAsync(source, cancellationToken);
            var application =
                new NpgsqlConnectionStringBuilder(given.ConnectionString) { Username = login.Role, Password = login.Password };
            connections = new HostConnections(application, sizes, source);
            await ApplicationRights.CheckAsync(connections.work, cancellationToken);
            return connections;
        }
        catch (Exception cause) // Whatever it is: nobody gets these connections, so nobody else would close them.
        {
            await source.DisposeAsync();
            if (connections is not null)
                await connections.DisposeAsync();
            if (cause is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
            {
                throw new DatabaseStartException(
                    $"The database at {given.Host}:{given.Port} cannot be used: {cause.Message.ReplaceLineEndings(" ")}", cause);
            }
            throw;
        }
    }

    /// <summary>Lets go of idle connections. After the database was away they are dead, and would fail their next users.</summary>
    public void Clear()
    {
        foreach (var source in (NpgsqlDataSource[])[packets, requests, work, Cluster])
            source.Clear();
    }

    /// <summary>Ends whatever waits for the database, with an error that is worth another try.</summary>
    internal void Break()
    {
        Clear();
        sockets.Shut();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var source in (NpgsqlDataSource?[])[packets, requests, work, Watch, Cluster, Owner])
        {
            if (source is not null)
                await source.DisposeAsync();
        }
    }

    static async Task<HostConnections> AsApplicationAsync(
        NpgsqlDataSource source, NpgsqlConnectionStringBuilder settings, IReadOnlyDictionary<DatabaseLane, int> sizes,
        CancellationToken cancellationToken)
    {
        await ApplicationRights.CheckAsync(source, cancellationToken);
        var missing = await Migrator.MissingAsync(source, HostSchema.Platform, cancellationToken);
        if (missing.Count > 0)
            throw new DatabaseStartException($"The database lacks {missing[0]}: run 'migrate' with the owner's connection string.");
        await source.DisposeAsync();
        return new HostConnections(settings, sizes, owner: null);
    }

    static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            // Npgsql prefers GSS, and waits for it twice as long as it was told before it does without.
            var said = new DbConnectionStringBuilder { ConnectionString = connectionString };
            if (!said.ContainsKey("GSS Encryption Mode") && !said.ContainsKey("GssEncryptionMode"))
                settings.GssEncryptionMode = GssEncryptionMode.Disable;
            return settings;
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException)
        {
            throw new DatabaseStartException($"The connection string cannot be read: {cause.Message.ReplaceLineEndings(" ")}", cause);
        }
    }

    static NpgsqlDataSource Build(
        NpgsqlConnectionStringBuilder settings, string name, int size, Action<NpgsqlDataSourceBuilder> configure)
    {
        var text = new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            MaxPoolSize = size,
            MinPoolSize = 0,
            // Shorter than Npgsql's five minutes: several nodes, and starts that fail, share what the server allows.
            ConnectionIdleLifetime = 60,
            MaxAutoPrepare = 200,
            ApplicationName = name,
        };
        var builder = new NpgsqlDataSourceBuilder(text.ConnectionString) { Name = name };
        configure(builder);
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
