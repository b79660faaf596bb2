using MysticMind.PostgresEmbed;

namespace IspHost.EmbeddedPostgres;

/// <summary>Finds the programs of a PostgreSQL that is new enough, or has them fetched.</summary>
static class PostgresBinaries
{
    const int OldestMajor = 15;
    const string FetchedVersion = "18.4.0";

    static readonly string[] InstallFolders =
    [
        "/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/local/pgsql",
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"),
    ];

    public static async Task<string> FindAsync(PrivatePostgresOptions options, CancellationToken cancellationToken)
    {
        if (options.Binaries is { } folder)
            return IsComplete(folder) ? folder : throw new PostgresStartException($"{folder} holds no initdb, pg_ctl and postgres.");
        return Candidates().FirstOrDefault(IsComplete) ?? await FetchAsync(options, cancellationToken);
    }

    /// <summary>PATH first, since whoever sets it means it; then installed versions, the newest first.</summary>
    static IEnumerable<string> Candidates()
        => (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => File.Exists(Program(folder, "initdb")))
            .Concat(Installed());

    static IEnumerable<string> Installed()
        => InstallFolders
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(folder => (Folder: Path.Combine(folder, "bin"), Major: Major(Path.GetFileName(folder))))
            .Where(version => version.Major >= OldestMajor)
            .OrderByDescending(version => version.Major)
            .Select(version => version.Folder);

    static int Major(string name)
        => int.TryParse(name.Replace("postgresql@", "", StringComparison.Ordinal).Split('.')[0], out var major) ? major : 0;

    static bool IsComplete(string folder)
        => File.Exists(Program(folder, "initdb")) && File.Exists(Program(folder, "pg_ctl")) && File.Exists(Program(folder, "postgres"));

    internal static string Program(string folder, string name)
        => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    static async Task<string> FetchAsync(PrivatePostgresOptions options, CancellationToken cancellationToken)
    {
        var target = Path.Combine(Path.GetFullPath(options.Folder), "fetched");
        try
        {
            Directory.CreateDirectory(target);
            await using var server = new PgServer(new PgServerOptions { PgVersion = FetchedVersion, DbDir = target, BinariesDir = target });
            await server.InstallAsync(cancellationToken);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            throw new PostgresStartException(
                $"No PostgreSQL {OldestMajor} or newer was found, and it could not be fetched ({cause.Message.ReplaceLineEndings(" ")}). "
                + "Install it (Debian: apt-get install postgresql), set PG_BIN to its bin folder, or give --connection.", cause);
        }
        return Directory.EnumerateFiles(target, Path.GetFileName(Program("", "initdb")), SearchOption.AllDirectories)
            .Select(file => Path.GetDirectoryName(file)!)
            .FirstOrDefault(IsComplete)
            ?? throw new PostgresStartException("What was fetched holds no initdb: install PostgreSQL, or give --connection.");
    }
}
