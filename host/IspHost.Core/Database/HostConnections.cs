using System.Collections.Concurrent;
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
    readonly Lock gate = new();
    readonly ConcurrentDictionary<string, PluginConnections> plugins = new(StringComparer.OrdinalIgnoreCase);
    readonly ConcurrentBag<NpgsqlDataSource> made = [];
    readonly LaneSizes sizes;
    readonly LanePools own;

    HostConnections(NpgsqlConnectionStringBuilder application, LaneSizes sizes, NpgsqlDataSource? owner)
    {
        (Owner, this.sizes) = (owner, sizes);
        ConnectionString = application.ConnectionString;
        MostJobs = int.Max(1, sizes.OfHost(DatabaseLane.Work) / 2);
        own = Pools(application, "isphost", sizes.OfHost);
        // What it waits for is ended by the pulse, which is one of its users.
        Watch = Lane(application, "isphost watch", ConnectionLimits.Watch, wait: 2, command: 0);
        Cluster = Build(
            new(application.ConnectionString) { SearchPath = "orleans", Timeout = 5, CommandTimeout = 10 }, "isphost cluster",
            ConnectionLimits.Cluster, sockets.Follow);
    }

    /// <summary>The pool of what the present flow of calls belongs to: packets, requests or work.</summary>
    /// <remarks>
    /// Each pool gives up long before its callers' own deadlines, so that what they see is an error of the database, and not their end.
    /// </remarks>
    public NpgsqlDataSource Connections => own.Current;

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
        var source = BuildAlone(given, "isphost owner", ConnectionLimits.Owner, builder => builder.UseNodaTime());
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
            await ApplicationRights.CheckAsync(connections.Connections, cancellationToken);
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
        foreach (var source in own.All.Append(Cluster))
            source.Clear();
        foreach (var plugin in plugins.Values)
            plugin.Clear();
    }

    /// <summary>The connections of a plugin, which open once it has a schema.</summary>
    public IDatabase Of(string plugin) => plugins.GetOrAdd(plugin, id => new PluginConnections(id));

    /// <summary>Lets a plugin work with its schema, which is up to date.</summary>
    /// <param name="plugin">Its id.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="hearsDatagrams">Whether packets come to it: it then gets connections for them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MigrationException">The schema has no role, or a table of it would be open to all tenants.</exception>
    public async Task OpenAsync(string plugin, string schema, bool hearsDatagrams, CancellationToken cancellationToken)
    {
        var login = await PluginSchema.LoginAsync(Connections, schema, hearsDatagrams, cancellationToken);
        lock (gate)
        {
            var opened = (PluginConnections)Of(plugin);
            if (opened.Login == login)
                return;
            opened.Use(login, PoolsOf(plugin, login, others: [.. plugins.Values.Where(other => other != opened)]));
            foreach (var (id, other) in plugins)
            {
                if (other != opened && other.Login is { } known)
                    other.Use(known, PoolsOf(id, known, others: [.. plugins.Values.Where(one => one != other)]));
            }
        }
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
        foreach (var source in made)
            await source.DisposeAsync();
        if (Owner is not null)
            await Owner.DisposeAsync();
    }

    /// <summary>A share of what the host leaves of each lane; of that for packets, only for those to whom some come.</summary>
    LanePools PoolsOf(string plugin, PluginLogin login, IReadOnlyCollection<PluginConnections> others)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString) { Username = login.Role, Password = login.Password };
        return Pools(settings, $"isphost {plugin}", lane => sizes.OfPlugin(
            lane, login.HearsDatagrams, 1 + others.Count(other => other.Login is { } one
                && (lane is not DatabaseLane.Packets || one.HearsDatagrams))));
    }

    /// <summary>An access server asks again after some seconds: by then it must have been said that the database does not answer.</summary>
    LanePools Pools(NpgsqlConnectionStringBuilder settings, string name, Func<DatabaseLane, int> size) => new(
        Lane(settings, $"{name} packets", size(DatabaseLane.Packets), wait: 1, command: 3),
        Lane(settings, $"{name} requests", size(DatabaseLane.Requests), wait: 2, command: 10),
        Lane(settings, $"{name} work", size(DatabaseLane.Work), wait: 10, command: 30));

    NpgsqlDataSource Lane(NpgsqlConnectionStringBuilder settings, string name, int size, int wait, int command) => Build(
        new(settings.ConnectionString) { Timeout = wait, CommandTimeout = command }, name, size,
        builder =>
        {
            builder.UseNodaTime();
            sockets.Follow(builder);
        });

    static async Task<HostConnections> AsApplicationAsync(
        NpgsqlDataSource source, NpgsqlConnectionStringBuilder settings, LaneSizes sizes, CancellationToken cancellationToken)
    {
        await ApplicationRights.CheckAsync(source, cancellationToken);
        var missing = await Migrator.MissingAsync(source, HostSchema.Platform, cancellationToken);
        if (missing.Count > 0)
            throw new DatabaseStartException($"The database lacks {missing[0].Name}: run 'migrate' with the owner's connection string.");
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

    NpgsqlDataSource Build(
        NpgsqlConnectionStringBuilder settings, string name, int size, Action<NpgsqlDataSourceBuilder> configure)
    {
        var source = BuildAlone(settings, name, size, configure);
        made.Add(source);
        return source;
    }

    static NpgsqlDataSource BuildAlone(
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
