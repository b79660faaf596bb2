using IspHost.Testing;

namespace IspHost.Core.Tests.Web;

/// <summary>An API for the tests of one class that leave each other alone: to start one takes longer than most requests.</summary>
public sealed class SharedApi(PostgresFixture postgres) : IAsyncLifetime
{
    internal Api Api { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Api = await Api.StartAsync(postgres);

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
