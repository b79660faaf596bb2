using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace IspHost.EmbeddedPostgres;

/// <summary>A PostgreSQL of our own: its data lies in a folder of ours, and it listens on the loopback address alone.</summary>
/// <remarks>
/// Whoever starts it must be the only one to use the folder: the server holds a lock on it. A PostgreSQL that is still running
/// there was left behind by a process that was killed, and is taken over.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    readonly PostgresTools tools;
    readonly string cluster;

    PrivatePostgres(PostgresTools tools, string cluster, int port, string password)
    {
        this.tools = tools;
        this.cluster = cluster;
        ConnectionString = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = "postgres",
            Password = password,
            Database = "postgres",
            IncludeErrorDetail = false,
        }.ConnectionString;
    }

    /// <summary>For the superuser <c>postgres</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes the cluster if the folder holds none, and starts it if it is not running.</summary>
    /// <exception cref="PostgresStartException">It cannot be started; the message says what to do, in one line.</exception>
    public static async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, CancellationToken cancellationToken)
    {
        var binaries = await PostgresBinaries.FindAsync(options, cancellationToken);
        var root = Path.GetFullPath(options.Folder);
        var tools = new PostgresTools(binaries, root);
        var cluster = Path.Combine(root, "cluster");
        await tools.TakeOverAsync(cluster, cancellationToken);
        tools.OwnFolder();

        var password = await PasswordAsync(tools, Path.Combine(root, "password"), cancellationToken);
        if (!File.Exists(Path.Combine(cluster, "PG_VERSION")))
            await tools.InitializeAsync(cluster, Path.Combine(root, "password"), cancellationToken);

        var port = await tools.IsRunningAsync(cluster, cancellationToken)
            ? RunningPort(cluster)
            : await StartOnFreePortAsync(tools, cluster, options, cancellationToken);
        return new PrivatePostgres(tools, cluster, port, password);
    }

    /// <summary>Removes the folder with all its data, and stops what a killed process may have left running there.</summary>
    public static async Task DiscardAsync(PrivatePostgresOptions options, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(options.Folder);
        if (!Directory.Exists(root))
            return;
        var tools = new PostgresTools(await PostgresBinaries.FindAsync(options, cancellationToken), root);
        var cluster = Path.Combine(root, "cluster");
        await tools.TakeOverAsync(cluster, cancellationToken);
        if (Directory.Exists(cluster) && await tools.IsRunningAsync(cluster, cancellationToken))
            await tools.StopAsync(cluster);
        Directory.Delete(root, recursive: true);
    }

    /// <summary>Ends all connections, and starts it again at the same port.</summary>
    public Task RestartAsync(CancellationToken cancellationToken) => tools.RestartAsync(cluster, cancellationToken);

    /// <summary>Stops it. Open connections are closed; nothing that was committed is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await tools.StopAsync(cluster);
    }

    /// <summary>Between choosing a port and listening on it another process may take it: then another one is tried.</summary>
    static async Task<int> StartOnFreePortAsync(
        PostgresTools tools, string cluster, PrivatePostgresOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            try
            {
                await tools.StartAsync(cluster, port, options.IsDisposable, cancellationToken);
                return port;
            }
            catch (PostgresStartException) when (attempt < 3)
            {
            }
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The fourth line of <c>postmaster.pid</c> is the port.</summary>
    static int RunningPort(string cluster)
        => int.Parse(File.ReadLines(Path.Combine(cluster, "postmaster.pid")).ElementAt(3), CultureInfo.InvariantCulture);

    static async Task<string> PasswordAsync(PostgresTools tools, string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var stream = new FileStream(file, options);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(32)), cancellationToken);
        }
        tools.Give(file);
        return (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
    }
}

/// <summary>Where a private PostgreSQL lives.</summary>
public sealed record PrivatePostgresOptions
{
    /// <summary>Its own folder; made if missing.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder of <c>initdb</c> and its kin; null to look in the usual places.</summary>
    public string? Binaries { get; init; }

    /// <summary>True trades safety for speed: a crash of the machine loses everything. For tests.</summary>
    public bool IsDisposable { get; init; }
}

/// <summary>The private PostgreSQL cannot be started. The message is one line for the operator.</summary>
public sealed class PostgresStartException(string message, Exception? cause = null) : Exception(message, cause);
