using IspHost.Sdk;
using IspHost.Sdk.Payments;
using IspHost.Sdk.Testing;

namespace CustomGateway.Tests;

/// <summary>Built and loaded as on a server, and asked while its provider does not answer, the plugin is gone afterwards.</summary>
[Collection(typeof(UnloadTests)), CollectionDefinition(DisableParallelization = true)]
public sealed class UnloadTests
{
    [Fact]
    public async Task The_plugin_unloads()
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("CustomGateway"),
            async (host, stop) =>
            {
                var gateway = host.Extensions.Get<IPaymentGateway>("custom-gateway");
                await Assert.ThrowsAnyAsync<Exception>(async () => await gateway.FindAsync(TenantId.New(), "key", stop));
            },
            options =>
            {
                options.Settings["Address"] = "http://localhost:1/";
                options.Settings["ApiKey"] = "k";
            },
            TestContext.Current.CancellationToken);
}
