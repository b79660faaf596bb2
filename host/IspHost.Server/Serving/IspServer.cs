using System.Net.Sockets;
using IspHost.Core.ApiKeys;
using IspHost.Core.Cluster;
using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Network;
using IspHost.Core.Plugins;
using IspHost.Core.Secrets;
using IspHost.Core.Web;
using IspHost.Core.Zones;
using IspHost.EmbeddedPostgres;
using IspHost.PluginRuntime;
using IspHost.Server.Pages;
using IspHost.Server.Watching;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace IspHost.Server.Serving;

/// <summary>One node: database, cluster, plugins, API and pages, from start to stop.</summary>
sealed class IspServer : IAsyncDisposable
{
    static readonly TimeSpan LongestRevocation = TimeSpan.FromSeconds(5);

    readonly DataFolder folder;
    readonly PrivatePostgres? postgres;
    readonly HostConnections connections;
    readonly WebApplication app;

    IspServer(DataFolder folder, PrivatePostgres? postgres, HostConnections connections, WebApplication app)
        => (this.folder, this.postgres, this.connections, this.app) = (folder, postgres, connections, app);

    /// <summary>Where the API and the pages are, for this machine.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>A key of the operator that lasts until the server stops.</summary>
    public string OperatorKey { get; private set; } = "";

    /// <summary>The node's services.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Starts a node and returns once it serves.</summary>
    /// <exception cref="StartException">It cannot start; the message says why, in one line.</exception>
    public static async Task<IspServer> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var folder = DataFolder.Take(options.Data);
        PrivatePostgres? postgres = null;
        HostConnections? connections = null;
        WebApplication? app = null;
        try
        {
            if (options.Connection is null)
                postgres = await PrivatePostgres.StartAsync(PostgresIn(folder.Path), cancellationToken);
            connections = await HostConnections.OpenAsync(
                options.Connection ?? postgres!.ConnectionString, options.Connections, cancellationToken);
            if (options.IsOwnerNeeded && connections.Owner is null)
                throw new StartException("The role of the connection string may not change schemas: 'migrate' needs the owner's.");
            app = Build(options, connections, await VaultKeys.OpenAsync(connections, cancellationToken));
            if (postgres is not null)
                await app.Services.GetRequiredService<ClusterNodes>().ForgetAllAsync(cancellationToken);
            await app.StartAsync(cancellationToken);

            var server = new IspServer(folder, postgres, connections, app);
            await server.AnnounceAsync(cancellationToken);
            return server;
        }
        catch (Exception cause)
        {
            // Whatever failed: what has been started is stopped again before the cause is told.
            if (app is not null)
            {
                // What has not started may complain that it cannot stop; the cause is told below.
                await app.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await app.DisposeAsync();
            }
            if (connections is not null)
                await connections.DisposeAsync();
            if (postgres is not null)
                await postgres.DisposeAsync();
            folder.Dispose();
            throw Explain(cause) is { } reason ? new StartException(reason, cause) : cause;
        }
    }

    /// <summary>Removes the private database of a data folder that no server has.</summary>
    /// <exception cref="StartException">There are no programs of PostgreSQL to stop it with.</exception>
    public static async Task DiscardDatabaseAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            await PrivatePostgres.DiscardAsync(PostgresIn(folder), cancellationToken);
        }
        catch (PostgresStartException cause)
        {
            throw new StartException(cause.Message, cause);
        }
    }

    /// <summary>Ends when the process is told to stop.</summary>
    /// <exception cref="StartException">The server stopped by itself: whoever watches over it must not take that for an end.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await app.WaitForShutdownAsync(cancellationToken);
        if (EndedWork.In(app.Services) is { } ended)
            throw new StartException(ended);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(LongestRevocation);
        // Without its database a server stops all the same; the next start revokes the key that is left behind.
        await app.Services.GetRequiredService<OperatorKeys>().EndAsync(OperatorKey, patience.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        await connections.DisposeAsync();
        if (postgres is not null)
            await postgres.DisposeAsync();
        folder.Dispose();
    }

    static PrivatePostgresOptions PostgresIn(string folder) => new()
    {
        Folder = Path.Combine(folder, "postgres"),
        Binaries = Environment.GetEnvironmentVariable("PG_BIN"),
    };

    async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).First(address => address.Scheme == Uri.UriSchemeHttp);
        Address = new UriBuilder("http", "127.0.0.1", bound.Port).Uri;
        var keys = app.Services.GetRequiredService<OperatorKeys>();
        if (folder.LeftBehind() is { } killed)
            await keys.EndAsync(killed.OperatorKey, cancellationToken);
        OperatorKey = await keys.CreateAsync("command line", cancellationToken);
        folder.Announce(new RunningServer(Address, OperatorKey, Environment.ProcessId));
    }

    static WebApplication Build(ServerOptions options, HostConnections connections, VaultKeys vaultKeys)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["PluginStore"] = PrivateFiles.MakeInner(Path.Combine(Path.GetFullPath(options.Data), "plugins"));
        builder.Configuration["ListenAddress"] = options.Bind.ToString();
        builder.Configuration["Listeners:radius-auth"] = options.RadiusAuth.ToString(System.Globalization.CultureInfo.InvariantCulture);
        builder.Configuration["Listeners:radius-acct"] = options.RadiusAcct.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (options.ScriptsWithout.Count > 0)
            builder.Configuration["PriceScripts:Without"] ??= string.Join(',', options.ScriptsWithout);
        // Until the operator names a mail server, mail lies in a folder where it can be looked at.
        if (builder.Configuration["Plugins:Notify.Smtp:Host"] is null)
        {
            builder.Configuration["Plugins:Notify.Smtp:PickupFolder"] ??=
                PrivateFiles.MakeInner(Path.Combine(Path.GetFullPath(options.Data), "mail"));
        }
        builder.UseListeners(options);
        builder.Logging.Use(options.Log);
        builder.AddCluster(connections, new NodeOptions { Address = options.ClusterAddress });
        builder.Services.AddSingleton(ZoneRules.From(builder.Configuration["TimeZones:File"]));
        builder.Services.AddSingleton(new NetworkOptions { AllowLocalDevices = options.AllowLocalDevices });
        builder.Services.AddIspHost(connections, vaultKeys, PluginRoots(builder.Configuration), options.Work);
        builder.AddTelemetry();
        builder.Services.AddSingleton<StatusReader>();
        builder.Services.AddSingleton<KnownProblems>();
        builder.Services.AddRazorComponents();
        // The pages have no forms yet, so nothing is protected that would have to be read after a restart.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();

        var app = builder.Build();
        app.UseListeners(options);
        app.UseIspHost();
        app.MapIspHost();
        app.MapMetrics();
        app.MapReferencePage(options.IsStatusPublic);
        app.MapProblemPages();
        app.MapVersionsPage();
        app.MapFrontPage(options.IsStatusPublic);
        return app;
    }

    /// <summary>Beside the published server; or where the build says that it packs them, in a file that is not published.</summary>
    static PluginFolders PluginRoots(ConfigurationManager configuration)
    {
        var (beside, built) = (Path.Combine(AppContext.BaseDirectory, "plugins"), Path.Combine(AppContext.BaseDirectory, "plugins.path"));
        return new(configuration.GetSection("PluginFolders").Get<string[]>()
            ?? (File.Exists(built) ? [beside, File.ReadAllText(built).Trim()] : [beside]));
    }

    static string? Explain(Exception cause) => cause switch
    {
        StartException or PostgresStartException or DatabaseStartException or MigrationException or PluginLoadException
            or ZoneFileException => cause.Message,
        // The worker for price scripts. What the runtime itself misses has a file name, and is a defect.
        FileNotFoundException { FileName: null } => cause.Message,
        IOException { InnerException: AddressInUseException } => $"The HTTP port is in use: {cause.Message}",
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AccessDenied }
            => $"A port cannot be opened: {cause.Message}",
        _ => null,
    };
}
