using IspHost.Core.Database;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IspHost.Testing;

/// <summary>A database of one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    readonly HostConnections connections;
    readonly NpgsqlDataSource owner;
    readonly Func<Task>? drop;
    readonly List<ServiceProvider> providers = [];

    TestDatabase(HostConnections connections, string ownerConnection, Func<Task>? drop)
    {
        (this.connections, this.drop) = (connections, drop);
        OwnerConnection = ownerConnection;
        owner = NpgsqlDataSource.Create(ownerConnection);
    }

    /// <summary>As the application: bound by row-level security.</summary>
    public IDatabase Database => connections;

    /// <summary>As the superuser, for what a test must see or break across tenants.</summary>
    public string OwnerConnection { get; }

    /// <param name="ownerConnection">The superuser's.</param>
    /// <param name="drop">Ends the database once nobody uses it any more; null leaves it.</param>
    internal static async Task<TestDatabase> OpenAsync(string ownerConnection, Func<Task>? drop = null)
        => new(await HostConnections.OpenAsync(ownerConnection, CancellationToken.None), ownerConnection, drop);

    /// <summary>Adds a tenant with this code.</summary>
    public async Task<TenantId> AddTenantAsync(string code, string currency = "EUR", string zone = "Europe/Athens", string country = "GR")
    {
        var id = TenantId.New();
        await using var command = owner.CreateCommand(
            "insert into host.tenant (id, code, legal_name, country, currency, zone, tax_engine) values ($1, $2, $2, $3, $4, $5, 'vat')");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        foreach (var text in (string[])[code, country, currency, zone])
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        await command.ExecuteNonQueryAsync();
        return id;
    }

    /// <summary>Runs those scripts that the schema has not seen yet, as the host does when it loads a plugin.</summary>
    public async Task UpgradeAsync(string schema, IReadOnlyList<(string Name, string Text)> scripts, CancellationToken cancellationToken)
    {
        await new PluginSchema(owner, SchemaScripts.Of(schema, scripts), serving: null).UpgradeAsync(cancellationToken);
        await OpenAsync(schema, cancellationToken);
    }

    /// <summary>As the plugin with this schema: it sees that and little else.</summary>
    public IDatabase OfPlugin(string schema) => connections.Of(schema);

    /// <summary>Lets the plugin with this schema work with it.</summary>
    internal Task OpenAsync(string schema, CancellationToken cancellationToken)
        => connections.OpenAsync(schema, schema, hearsDatagrams: true, cancellationToken);

    /// <summary>A context over this database, as a plugin or as the host.</summary>
    public TenantDatabase<TDb> Of<TDb>(Func<DbContextOptions<TDb>, TDb> create, IDatabase? by = null) where TDb : TenantDb
    {
        var provider = new ServiceCollection().AddSingleton(by ?? Database).AddTenantDatabase(create).BuildServiceProvider();
        providers.Add(provider);
        return provider.GetRequiredService<TenantDatabase<TDb>>();
    }

    /// <summary>A plugin's database over this one, with so many connections of its own.</summary>
    public TenantDatabase<TDb> Of<TDb>(Func<DbContextOptions<TDb>, TDb> create, int connections) where TDb : TenantDb
    {
        var few = new NpgsqlConnectionStringBuilder(this.connections.ConnectionString)
        {
            MaxPoolSize = connections,
            Timeout = 5,
            MaxAutoPrepare = 200,
        };
        var builder = new NpgsqlDataSourceBuilder(few.ConnectionString);
        builder.UseNodaTime();
        var provider = new ServiceCollection()
            .AddSingleton(_ => builder.Build())
            .AddSingleton<IDatabase>(services => new Few(services.GetRequiredService<NpgsqlDataSource>()))
            .AddTenantDatabase(create)
            .BuildServiceProvider();
        providers.Add(provider);
        return provider.GetRequiredService<TenantDatabase<TDb>>();
    }

    /// <summary>Runs a statement as the superuser, who sees all tenants.</summary>
    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = owner.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in providers)
            await provider.DisposeAsync();
        await connections.DisposeAsync();
        await owner.DisposeAsync();
        if (drop is not null)
            await drop();
    }

    sealed record Few(NpgsqlDataSource Connections) : IDatabase;
}
