using System.Reflection;
using IspHost.PluginRuntime;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Server.Tests;

public sealed class A_plugin_that_says_too_little(ServerFixture server)
{
    static readonly string Greets = typeof(A_plugin_that_says_too_little).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(named => named.Key == "Greets").Value!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_refused_with_all_that_its_endpoints_lack_and_nothing_of_it_is_routed()
    {
        var refused = await Assert.ThrowsAsync<PluginLoadException>(
            () => server.Services.GetRequiredService<PluginHost>().LoadAsync(Greets, Stop));
        using var client = new HttpClient { BaseAddress = server.Address };

        Assert.StartsWith("Plugin greets was refused (describe, ISP1421): ", refused.Message, StringComparison.Ordinal);
        foreach (var lack in (string[])
        [
            "GET /api/v1/greet/{name} has no name in camel case", "GET /api/v1/greet/{name} has no summary",
            "GET /api/v1/greetings/slow does not say what it answers", "POST /api/v1/greetings has no description",
        ])
            Assert.Contains(lack, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("greet", await client.GetStringAsync("/openapi/v1.json", Stop), StringComparison.Ordinal);
    }
}
