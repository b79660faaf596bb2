using IspHost.Sdk.Rating;
using IspHost.Sdk.Testing;

namespace FlatRating.Tests;

/// <summary>Built and loaded as on a server, the plugin meets the requirements of its extension point, and is gone afterwards.</summary>
[Collection(typeof(UnloadTests)), CollectionDefinition(DisableParallelization = true)]
public sealed class UnloadTests
{
    [Fact]
    public async Task The_plugin_unloads()
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("FlatRating"),
            async (host, stop) =>
            {
                var suite = RatingRuleConformance.For(() => host.Extensions.Get<IRatingRule>("flat"));
                foreach (var requirement in suite.Requirements)
                    await suite.CheckAsync(requirement, stop);
            },
            cancellationToken: TestContext.Current.CancellationToken);
}
