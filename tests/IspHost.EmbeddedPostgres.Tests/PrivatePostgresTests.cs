using Npgsql;

namespace IspHost.EmbeddedPostgres.Tests;

public sealed class PrivatePostgresTests : IAsyncDisposable
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-postgres-tests-{Guid.NewGuid():N}");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_and_keeps_its_secret_to_its_user()
    {
        await using var postgres = await StartAsync();

        Assert.Equal(1, await ScalarAsync(postgres, "select 1"));
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "password")));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public async Task Root_runs_it_as_a_user_who_is_nobody_else()
    {
        Assert.SkipUnless(SystemUser.IsRoot, "Not root.");
        await using var postgres = await StartAsync();

        var own = SystemUser.Of("isphost-postgres", 61130);
        Assert.Equal(own.Id, Ownership.Of(Path.Combine(folder, "cluster", "PG_VERSION")).Id);
        Assert.Equal(own.Id, Ownership.Of(Path.Combine(folder, "password")).Id);
        Assert.Equal(own.Id, Ownership.Of(Path.Combine(folder, "cluster", "postmaster.pid")).Id);
    }

    /// <summary>As version 0.1 before had it: all files are of 'nobody', and PostgreSQL was left running as that user.</summary>
    [Fact]
    public async Task Root_takes_over_what_another_user_ran()
    {
        Assert.SkipUnless(SystemUser.IsRoot && SystemUser.Find("nobody") is not null, "Not root, or there is no other user.");
        var nobody = SystemUser.Find("nobody")!;
        await using (var before = await StartAsync())
            await ScalarAsync(before, "create table kept as select 42 as answer; select 1");
        Ownership.GiveAll(folder, nobody);
        using (var running = Start(nobody))
            await running.WaitForExitAsync(Stop);
        Assert.Equal(nobody.Id, Ownership.Of(Path.Combine(folder, "cluster", "postmaster.pid")).Id);

        await using var postgres = await StartAsync();

        Assert.Equal(42, await ScalarAsync(postgres, "select answer from kept"));
        Assert.Equal(SystemUser.Of("isphost-postgres", 61130).Id, Ownership.Of(Path.Combine(folder, "cluster", "postmaster.pid")).Id);
    }

    [Fact]
    public void A_number_that_somebody_has_is_not_shared()
    {
        Assert.SkipUnless(File.Exists("/etc/passwd"), "The users are not in a file here.");

        var refusal = Assert.Throws<InvalidOperationException>(() => SystemUser.Of("isphost-nowhere", 0));

        Assert.Equal("User id 0 is 'root' here, and would be shared: add a system user 'isphost-nowhere'.", refusal.Message);
    }

    public async ValueTask DisposeAsync()
        => await PrivatePostgres.DiscardAsync(new PrivatePostgresOptions { Folder = folder }, CancellationToken.None);

    Task<PrivatePostgres> StartAsync()
        => PrivatePostgres.StartAsync(new PrivatePostgresOptions { Folder = folder, IsDisposable = true }, Stop);

    System.Diagnostics.Process Start(SystemUser user)
    {
        var cluster = Path.Combine(folder, "cluster");
        var programs = File.ReadAllText(Path.Combine(cluster, "postmaster.opts")).Split(' ')[0];
        var start = user.Start(
            Path.Combine(Path.GetDirectoryName(programs)!, "pg_ctl"),
            [
                "start", "-w", "-D", cluster, "-l", Path.Combine(folder, "old.log"),
                "-o", $"-c listen_addresses='' -c unix_socket_directories='{folder}'",
            ]);
        start.WorkingDirectory = folder;
        return System.Diagnostics.Process.Start(start)!;
    }

    static async Task<object?> ScalarAsync(PrivatePostgres postgres, string sql)
    {
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Stop);
    }
}
