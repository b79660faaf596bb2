using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace IspHost.EmbeddedPostgres;

/// <summary>Runs PostgreSQL's own programs. They refuse to run as root, so for root they run as <c>nobody</c>.</summary>
sealed partial class PostgresTools(string binaries, string folder)
{
    const string Unprivileged = "nobody";

    static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>Makes the folder and gives it to the user that PostgreSQL will run as.</summary>
    public void OwnFolder()
    {
        Directory.CreateDirectory(folder);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!IsRoot)
            return;
        GiveAway(folder);
        if (BarredAncestor() is { } barred)
            throw new PostgresStartException(
                $"PostgreSQL runs as '{Unprivileged}' when started by root, and that user cannot enter {barred}: "
                + "choose another folder with --data.");
    }

    /// <summary>Lets only the user that PostgreSQL runs as, and root, read the file.</summary>
    public static void KeepSecret(string file)
    {
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (IsRoot)
            GiveAway(file);
    }

    public async Task InitializeAsync(string cluster, string passwordFile, CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync("initdb",
            [
                "-D", cluster, "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", $"--pwfile={passwordFile}",
                "--no-sync",
            ],
            cancellationToken);
        if (code != 0)
            throw new PostgresStartException($"initdb failed: {output}");
    }

    public async Task<bool> IsRunningAsync(string cluster, CancellationToken cancellationToken)
        => (await RunAsync("pg_ctl", ["status", "-D", cluster], cancellationToken)).Code == 0;

    public async Task StartAsync(string cluster, int port, bool isDisposable, CancellationToken cancellationToken)
    {
        var settings = $"-c port={port.ToString(CultureInfo.InvariantCulture)} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            + "-c max_connections=200 -c shared_buffers=256MB -c timezone=UTC -c max_wal_size=2GB";
        if (isDisposable)
            settings += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off";
        var log = Path.Combine(folder, "postgres.log");
        var (code, output) = await RunAsync(
            "pg_ctl", ["start", "-w", "-t", "60", "-D", cluster, "-l", log, "-o", settings], cancellationToken);
        if (code != 0)
            throw new PostgresStartException($"PostgreSQL did not start: {output} See {log}.");
    }

    /// <summary>As an operator or a package's upgrade does: connections are ended, and it comes back at the same port.</summary>
    public async Task RestartAsync(string cluster, CancellationToken cancellationToken)
    {
        var (code, output) = await RunAsync(
            "pg_ctl", ["restart", "-m", "fast", "-w", "-t", "60", "-D", cluster, "-l", Path.Combine(folder, "postgres.log")],
            cancellationToken);
        if (code != 0)
            throw new PostgresStartException($"PostgreSQL did not start again: {output}");
    }

    public Task StopAsync(string cluster) => RunAsync("pg_ctl", ["stop", "-m", "fast", "-w", "-D", cluster], CancellationToken.None);

    async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(PostgresBinaries.Program(binaries, program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        if (IsRoot)
            start.UserName = Unprivileged;
        start.Environment.Remove("PGDATA");
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, OneLine(await errors is { Length: > 0 } text ? text : await output));
        }
        catch (Win32Exception cause)
        {
            throw new PostgresStartException($"{start.FileName} cannot be run: {cause.Message}.", cause);
        }
    }

    static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 500 ? line[..500] : line;
    }

    /// <summary>The first folder above ours that others may not enter.</summary>
    string? BarredAncestor()
    {
        for (var above = Directory.GetParent(folder); above is not null; above = above.Parent)
        {
            if (!above.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return above.FullName;
        }
        return null;
    }

    static void GiveAway(string path)
    {
        var (user, group) = UnprivilegedIds();
        if (ChangeOwner(path, user, group) != 0)
            throw new PostgresStartException($"{path} cannot be given to '{Unprivileged}': error {Marshal.GetLastPInvokeError()}.");
    }

    static (uint User, uint Group) UnprivilegedIds()
    {
        var fields = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).FirstOrDefault(line => line[0] == Unprivileged)
            ?? throw new PostgresStartException(
                $"There is no user '{Unprivileged}' to run PostgreSQL as: start as another user than root.");
        return (uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture));
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
