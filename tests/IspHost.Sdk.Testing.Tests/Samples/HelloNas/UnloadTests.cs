using IspHost.Sdk.Nas;
using IspHost.Sdk.Testing;

namespace HelloNas.Tests;

/// <summary>Built and loaded as on a server, the plugin meets the requirements of its extension point, and is gone afterwards.</summary>
[Collection(typeof(UnloadTests)), CollectionDefinition(DisableParallelization = true)]
public sealed class UnloadTests
{
    [Fact]
    public async Task The_plugin_unloads()
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("HelloNas"),
            async (host, stop) =>
            {
                var suite = NasVendorConformance.For(() => host.Extensions.Get<INasVendor>("hello-nas"));
                foreach (var requirement in suite.Requirements)
                    await suite.CheckAsync(requirement, stop);
            },
            cancellationToken: TestContext.Current.CancellationToken);
}
