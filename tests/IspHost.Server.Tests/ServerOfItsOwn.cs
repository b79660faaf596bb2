using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Testing;

namespace IspHost.Server.Tests;

/// <summary>A server in a process of its own, for tests that replace its plugins: one after the other, and nobody else meanwhile.</summary>
public sealed class ServerOfItsOwn(PostgresFixture postgres) : IAsyncLifetime
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-own-{Guid.NewGuid():N}");

    internal ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(folder, await postgres.CreateEmptyAsync());

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A new tenant, by its code.</summary>
    internal async Task<string> AddTenantAsync()
    {
        var code = $"t{Guid.NewGuid():N}"[..16];
        await Server.Operator.PostAsync<TenantView>(
            "tenants", null, new NewTenant { Code = code, Currency = Currency.Of("EUR"), Zone = "Europe/Athens" },
            TestContext.Current.CancellationToken);
        return code;
    }
}

[CollectionDefinition, TakesLong]
public sealed class OnAServerOfTheirOwn : ICollectionFixture<ServerOfItsOwn>;
