using IspHost.Sdk.Flags;
using IspHost.Sdk.Testing;

namespace HelloFlags.Tests;

/// <summary>Built and loaded as on a server, the plugin judges a tenant that nobody knows, and is gone afterwards.</summary>
[Collection(typeof(UnloadTests)), CollectionDefinition(DisableParallelization = true)]
public sealed class UnloadTests
{
    [Fact]
    public async Task The_plugin_unloads()
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("HelloFlags"),
            async (host, stop) =>
            {
                var answer = await host.Extensions.Get<IFlagFilter>("tenant-country").JudgeAsync(FlagSuite.Asking("GR, CY"), stop);
                Assert.Equal("the tenant is not known", answer.Reason);
            },
            cancellationToken: TestContext.Current.CancellationToken);
}
