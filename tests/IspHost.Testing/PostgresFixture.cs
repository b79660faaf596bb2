using System.Reflection;
using IspHost.Core.Database;
using IspHost.EmbeddedPostgres;
using IspHost.PluginRuntime;
using Npgsql;
using Xunit;

namespace IspHost.Testing;

/// <summary>A PostgreSQL for the tests of one assembly: <c>[assembly: AssemblyFixture(typeof(PostgresFixture))]</c>.</summary>
/// <remarks>
/// Each test gets a database of its own, copied from one with the host's schemas. That is three hundred files, which take a tenth of a
/// second in memory and half a second of computing on a disk with ext4: so they are in memory, unless they are to be kept.
/// </remarks>
public sealed class PostgresFixture : IAsyncLifetime
{
    /// <summary>For the databases of the tests that run at one time, and two gigabytes of what PostgreSQL logs.</summary>
    const long Room = 3L << 30;

    static int started;

    readonly string name = $"isphost-tests-{Environment.ProcessId}-{Interlocked.Increment(ref started)}";
    readonly SemaphoreSlim gate = new(1);
    readonly Dictionary<string, string> templates = [];
    PrivatePostgres? postgres;
    string folder = "";
    int made;

    /// <summary>True keeps what is committed, as in production, and makes commits as slow as they are there.</summary>
    public bool IsDurable { get; init; }

    public async ValueTask InitializeAsync()
    {
        folder = Path.Combine(IsDurable ? Path.GetTempPath() : QuickestPlace(), name);
        postgres = await PrivatePostgres.StartAsync(
            new PrivatePostgresOptions { Folder = folder, IsDisposable = !IsDurable }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (postgres is not null)
            await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Restarts it under whoever uses it. Only for a test that has started it for itself.</summary>
    public Task RestartAsync() => postgres!.RestartAsync(TestContext.Current.CancellationToken);

    /// <summary>A fresh, empty database without any schema, as its owner sees it.</summary>
    public async Task<string> CreateEmptyAsync()
    {
        await gate.WaitAsync();
        try
        {
            return await CreateAsync("template1");
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Runs a statement as the superuser, in no test's database: for what one connected to it cannot do to it.</summary>
    public async Task RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(postgres!.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A fresh database with the host's schemas and those of these plugins.</summary>
    public async Task<TestDatabase> CreateAsync(params (string Schema, Assembly Scripts)[] plugins)
    {
        await gate.WaitAsync();
        try
        {
            var template = await TemplateAsync(plugins);
            var owner = await CreateAsync(template);
            var database = await TestDatabase.OpenAsync(owner, () => DropAsync(owner));
            foreach (var (schema, _) in plugins)
                await database.OpenAsync(schema, CancellationToken.None);
            return database;
        }
        finally
        {
            gate.Release();
        }
    }

    static string QuickestPlace()
    {
        const string Memory = "/dev/shm";
        return Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > Room ? Memory : Path.GetTempPath();
    }

    async Task<string> TemplateAsync((string Schema, Assembly Scripts)[] plugins)
    {
        var key = string.Join('+', plugins.Select(plugin => plugin.Schema).Prepend("host"));
        if (templates.TryGetValue(key, out var known))
            return known;

        var owner = await CreateAsync("template1");
        await using (var source = NpgsqlDataSource.Create(owner))
        {
            var migrator = new Migrator(source);
            await migrator.UpgradeAsync(HostSchema.Platform, CancellationToken.None);
            await migrator.UpgradeAsync(HostSchema.Cluster, CancellationToken.None);
            foreach (var (schema, scripts) in plugins)
                await new PluginSchema(source, SchemaScripts.Of(schema, scripts), serving: null).UpgradeAsync(CancellationToken.None);
        }
        return templates[key] = new NpgsqlConnectionStringBuilder(owner).Database!;
    }

    async Task<string> CreateAsync(string template)
    {
        var name = $"test_{++made}";
        await RunAsync($"create database {name} template {template} strategy file_copy");
        return new NpgsqlConnectionStringBuilder(postgres!.ConnectionString) { Database = name, Pooling = true }.ConnectionString;
    }

    Task DropAsync(string owner) => RunAsync($"drop database {new NpgsqlConnectionStringBuilder(owner).Database} with (force)");
}
