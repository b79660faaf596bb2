using IspHost.Sdk.Taxes;
using IspHost.Sdk.Testing;

namespace HelloTax.Tests;

/// <summary>Built and loaded as on a server, the plugin meets the requirements of its extension point, and is gone afterwards.</summary>
[Collection(typeof(UnloadTests)), CollectionDefinition(DisableParallelization = true)]
public sealed class UnloadTests
{
    // begin unloads
    [Fact]
    public async Task The_plugin_unloads()
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("HelloTax"),
            async (host, stop) =>
            {
                var suite = TaxEngineConformance.For(() => host.Extensions.Get<ITaxEngine>("hello-tax"));
                foreach (var requirement in suite.Requirements)
                    await suite.CheckAsync(requirement, stop);
            },
            options =>
            {
                options.Settings["Percent"] = "17.5";
                options.Cycles = 5;
            },
            TestContext.Current.CancellationToken);
    // end unloads
}
