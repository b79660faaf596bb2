using System.Diagnostics;
using System.Globalization;
using IspHost.EmbeddedPostgres;
using Npgsql;
using Xunit;

namespace IspHost.Testing;

/// <summary>A PostgreSQL that keeps what is committed, and that a test may freeze, kill and replace by a copy while it is in use.</summary>
public sealed class FragilePostgres : IAsyncDisposable
{
    readonly string folder;
    readonly Relay relay;
    PrivatePostgres current;
    string place;
    int copies;

    FragilePostgres(string folder, string place, PrivatePostgres first)
    {
        (this.folder, this.place, current) = (folder, place, first);
        relay = new Relay(PortOf(first));
    }

    /// <summary>For nodes: it stays the same whatever happens behind it.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(current.ConnectionString) { Port = relay.Port }.ConnectionString;

    string PidFile => Path.Combine(place, "cluster", "postmaster.pid");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="folder">Its own, which goes with it.</param>
    public static async Task<FragilePostgres> StartAsync(string folder)
    {
        var place = Path.Combine(folder, "0");
        Directory.CreateDirectory(folder);
        return new FragilePostgres(folder, place, await StartInAsync(place));
    }

    /// <summary>Its database, with the host's schemas.</summary>
    public Task<TestDatabase> OpenAsync() => TestDatabase.OpenAsync(ConnectionString);

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public void Freeze() => Signal("STOP", Processes());

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal("CONT", Processes());

    /// <summary>Ends every connection but the one that asks for it.</summary>
    public Task TerminateConnectionsAsync()
        => AskAsync("""
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()
            """);

    /// <summary>Ends it as an operator does, and starts it again.</summary>
    public Task RestartAsync() => current.RestartAsync(Stop);

    /// <summary>SIGKILL to all of it.</summary>
    public async Task KillAsync()
    {
        var all = Processes();
        Signal("KILL", all);
        while (all.Any(id => Stat(id) is [not "Z", ..]))
            await Task.Delay(20, Stop);
        // Whoever has to bury it may take a while, and pg_ctl takes a dead process that is not buried for a living one.
        File.Delete(PidFile);
    }

    /// <summary>Starts what was ended where it was.</summary>
    public async Task StartAgainAsync()
    {
        current = await StartInAsync(place);
        relay.Target = PortOf(current);
    }

    /// <summary>Keeps how it is now, to fail over to later. It is away for a moment.</summary>
    public async Task<string> CopyAsync()
    {
        await current.DisposeAsync();
        var copy = await CopyPlaceAsync();
        await StartAgainAsync();
        return copy;
    }

    /// <summary>Goes on as a standby would: from a copy of what the killed one has left, or from an older one.</summary>
    public async Task FailOverAsync(string? older = null)
    {
        place = older ?? await CopyPlaceAsync();
        await StartAgainAsync();
    }

    /// <summary>Asks it, past the relay, for one row of numbers.</summary>
    public async Task<IReadOnlyList<long>> AskAsync(string question)
    {
        await using var connection = new NpgsqlConnection($"{current.ConnectionString};Pooling=false");
        await connection.OpenAsync(Stop);
        await using var command = new NpgsqlCommand(question, connection);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        await reader.ReadAsync(Stop);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetInt64)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await relay.DisposeAsync();
        await current.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    async Task<string> CopyPlaceAsync()
    {
        var copy = Path.Combine(folder, $"{++copies}");
        using var copying = Process.Start("cp", ["-a", place, copy]);
        await copying.WaitForExitAsync(Stop);
        return copy;
    }

    static Task<PrivatePostgres> StartInAsync(string place)
        => PrivatePostgres.StartAsync(new PrivatePostgresOptions { Folder = place }, Stop);

    static int PortOf(PrivatePostgres postgres) => new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Port;

    /// <summary>The postmaster first, then its children.</summary>
    List<int> Processes()
    {
        var postmaster = int.Parse(File.ReadLines(PidFile).First(), CultureInfo.InvariantCulture);
        return [postmaster, .. ChildrenOf(postmaster)];
    }

    static IEnumerable<int> ChildrenOf(int parent)
        => Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Stat(id) is [_, var itsParent, ..] && itsParent == $"{parent}");

    /// <summary>What stands behind the name in <c>/proc/N/stat</c>: state, parent and more; empty if there is no such process.</summary>
    static string[] Stat(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }

    static void Signal(string name, IEnumerable<int> processes)
    {
        string[] arguments = [$"-{name}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))];
        // It complains of one that has ended meanwhile.
        using var kill = Process.Start(new ProcessStartInfo("kill", arguments) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }
}
