using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Testing;

namespace IspHost.Plugins.Nas.MikroTik.Tests;

/// <summary>The built plugin in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class UnloadTests
{
    static readonly TenantId Tenant = TenantId.New();

    static readonly AccessProfile Profile = new() { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100) };

    static readonly SessionIdentity Session = new() { AcctSessionId = "80a00001", UserName = "demo-user" };

    [Fact]
    public async Task A_plugin_that_has_decorated_answers_unloads()
    {
        var report = await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>(),
            (host, _) =>
            {
                var router = host.Extensions.Get<INasVendor>("mikrotik");
                foreach (var access in Enum.GetValues<AccessMode>())
                {
                    Assert.NotEmpty(router.Authorize(Tenant, Profile, access));
                    Assert.NotEmpty(router.Change(Tenant, Profile, access)!.Value);
                }
                Assert.NotEmpty(router.Identify(Tenant, Session));
                return Task.CompletedTask;
            },
            options =>
            {
                options.Cycles = 5;
                options.Settings["OnlineList"] = "paying";
            },
            TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{report}");
    }
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
