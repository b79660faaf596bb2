using IspHost.Core.Tenants;

namespace IspHost.Server.Tests;

/// <summary>A server in a process of its own, for the tests of one class: what they find in it is nobody else's doing.</summary>
public sealed class ServerOfItsOwn : IAsyncLifetime
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-own-{Guid.NewGuid():N}");

    internal ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(folder);

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
            "tenants", null, new NewTenant { Code = code, Currency = "EUR", Zone = "Europe/Athens" },
            TestContext.Current.CancellationToken);
        return code;
    }
}
