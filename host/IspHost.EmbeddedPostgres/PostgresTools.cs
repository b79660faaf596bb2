using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace IspHost.EmbeddedPostgres;

/// <summary>Runs PostgreSQL's own programs. They refuse to run as root, so for root they run as a user of their own.</summary>
sealed class PostgresTools(string binaries, string folder)
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>A number that neither distributions nor systemd give to anybody, unless the machine has a user of this name.</summary>
    const string UserName = "isphost-postgres";
    const uint UserNumber = 61130;

    readonly SystemUser? user = SystemUser.IsRoot ? OwnUser() : null;

    static SystemUser OwnUser()
    {
        try
        {
            return SystemUser.Of(UserName, UserNumber);
        }
        catch (InvalidOperationException cause)
        {
            throw new PostgresStartException(cause.Message, cause);
        }
    }

    /// <summary>Makes the folder and gives it to the user that PostgreSQL will run as.</summary>
    public void OwnFolder()
    {
        Directory.CreateDirectory(folder);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(folder, OwnerOnly);
        if (user is null)
            return;
        Ownership.Give(folder, user);
        if (BarredAncestor() is { } barred)
            throw new PostgresStartException(
                $"PostgreSQL runs as a user of its own when started by root, and that user cannot enter {barred}: "
                + "choose another folder with --data.");
    }

    /// <summary>A cluster of another user, such as 'nobody' of version 0.1, is stopped as that user and becomes ours.</summary>
    public async Task TakeOverAsync(string cluster, CancellationToken cancellationToken)
    {
        if (user is null || !Directory.Exists(cluster))
            return;
        var owner = Ownership.Of(cluster);
        if (owner.Id == user.Id)
            return;
        if (owner.Id != 0 && (await RunAsync("pg_ctl", ["status", "-D", cluster], cancellationToken, owner)).Code == 0)
            await RunAsync("pg_ctl", ["stop", "-m", "fast", "-w", "-D", cluster], cancellationToken, owner);
        Ownership.GiveAll(folder, user);
    }

    /// <summary>Lets only the user that PostgreSQL runs as, and root, read the file.</summary>
    public void Give(string file)
    {
        if (user is not null)
            Ownership.Give(file, user);
    }

    public async Task InitializeAsync(string cluster, string passwordFile, CancellationToken cancellationToken)
    {
        var named = user is { Name: null } ? NamedUser() : user;
        if (named is not null)
            Ownership.GiveAll(folder, named);
        var (code, output) = await RunAsync("initdb",
            [
                "-D", cluster, "-U", "postgres", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", $"--pwfile={passwordFile}",
                "--no-sync",
            ],
            cancellationToken, named);
        if (user is not null)
            Ownership.GiveAll(folder, user);
        if (code != 0)
            throw new PostgresStartException($"initdb failed: {output}");
    }

    /// <summary>The one program that insists on a name for its user, and writes it nowhere: for that moment, somebody else's.</summary>
    static SystemUser NamedUser()
        => SystemUser.Find("postgres") ?? SystemUser.Find("nobody")
            ?? throw new PostgresStartException($"initdb needs a user with a name: add a system user '{UserName}'.");

    public async Task<bool> IsRunningAsync(string cluster, CancellationToken cancellationToken)
        => (await RunAsync("pg_ctl", ["status", "-D", cluster], cancellationToken)).Code == 0;

    public async Task StartAsync(string cluster, int port, bool isDisposable, CancellationToken cancellationToken)
    {
        // min_wal_size: a log file that is made anew is written full of zeros first, and whoever commits meanwhile waits for it.
        var settings = $"-c port={port.ToString(CultureInfo.InvariantCulture)} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' "
            + "-c max_connections=200 -c shared_buffers=256MB -c timezone=UTC -c max_wal_size=2GB -c min_wal_size=1GB";
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

    async Task<(int Code, string Output)> RunAsync(
        string program, string[] arguments, CancellationToken cancellationToken, SystemUser? other = null)
    {
        var file = PostgresBinaries.Program(binaries, program);
        var start = StartAs(other ?? user, file, arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = folder;
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

    static ProcessStartInfo StartAs(SystemUser? user, string file, string[] arguments)
    {
        try
        {
            return user?.Start(file, arguments) ?? new ProcessStartInfo(file, arguments);
        }
        catch (InvalidOperationException cause)
        {
            throw new PostgresStartException(cause.Message, cause);
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
}
