using System.Net;
using IspHost.Core.Database;
using IspHost.Core.Work;

namespace IspHost.Server.Serving;

/// <summary>How a server is started.</summary>
sealed record ServerOptions
{
    /// <summary>Where it keeps what is its own: the private PostgreSQL, and the file that tells the command line where it serves.</summary>
    public string Data { get; init; } = DefaultData;

    /// <summary>The address that HTTPS and RADIUS listen on.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Any;

    /// <summary>The HTTP port, for this machine; 0 for any free one.</summary>
    public int Http { get; init; } = 8080;

    /// <summary>Whether HTTP without encryption is served to other machines as well, by the address of <see cref="Bind"/>.</summary>
    public bool IsPlainHttpAllowed { get; init; }

    /// <summary>The HTTPS port; 0 for any free one. It is served if there is a certificate.</summary>
    public int Https { get; init; } = 8443;

    /// <summary>The certificate for HTTPS.</summary>
    public CertificateFiles? Certificate { get; init; }

    /// <summary>The proxies that are believed for whom they speak, as addresses or networks.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>The port for authentication; 0 for any free one.</summary>
    public int RadiusAuth { get; init; } = 1812;

    /// <summary>The port for accounting; 0 for any free one.</summary>
    public int RadiusAcct { get; init; } = 1813;

    /// <summary>The database; null for the private one.</summary>
    public string? Connection { get; init; }

    /// <summary>How the connections to the database are shared out.</summary>
    public ConnectionLimits Connections { get; init; } = new();

    /// <summary>How due work is done.</summary>
    public DueOptions Work { get; init; } = new();

    /// <summary>Whether the connection string must be the owner's.</summary>
    public bool IsOwnerNeeded { get; init; }

    /// <summary>The address at which other nodes of the cluster reach this one.</summary>
    public IPAddress ClusterAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Whether the status page shows to everybody; else only to this machine.</summary>
    public bool IsStatusPublic { get; init; }

    /// <summary>Whether tenants' access servers may have addresses of this machine and its link.</summary>
    public bool AllowLocalDevices { get; init; }

    /// <summary>Layers around price scripts that the server does without, unless its settings name others.</summary>
    public IReadOnlyList<string> ScriptsWithout { get; init; } = [];

    /// <summary>Whether the log goes to the console as text, or as JSON for a collector.</summary>
    public LogStyle Log { get; init; } = LogStyle.Text;

    /// <summary>
    /// Root's own folder is closed to the user that PostgreSQL then runs as, so root's data lie where a service's would.
    /// A user's folder may not be there yet: then it is made, and not taken for none.
    /// </summary>
    public static string DefaultData { get; } = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()
        ? "/var/lib/isphost"
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "isphost");

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(ServerOptions)} {Data}";
}

enum LogStyle
{
    /// <summary>Warnings and errors, for people.</summary>
    Quiet,

    /// <summary>All, for people.</summary>
    Text,

    /// <summary>All, a JSON document a line.</summary>
    Json,
}
