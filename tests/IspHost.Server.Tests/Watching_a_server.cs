using System.Net;
using System.Text.Json;
using IspHost.Core.ApiKeys;

namespace IspHost.Server.Tests;

public sealed class Watching_a_server(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Needs_no_key_to_hear_that_it_lives_and_serves()
    {
        using var client = new HttpClient { BaseAddress = server.Address };

        Assert.Equal("""{"status":"healthy"}""", await client.GetStringAsync("/health/live", Stop));
        var ready = await client.GetStringAsync("/health/ready", Stop);

        var checks = JsonDocument.Parse(ready).RootElement.GetProperty("checks").EnumerateArray()
            .ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("status").GetString());
        Assert.Equal(
            ("healthy", "healthy", "healthy"), (checks["database"], checks["change_feed"], checks["cluster"]));
        Assert.Equal(checks.Count, ready.Split('\n').Count(line => line.Contains("\"name\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Through_a_proxy_shows_no_details()
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");

        using var answer = await client.GetAsync("/health/ready", Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("detail", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_proxy_takes_a_key_of_the_operator()
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/metrics", Stop)).StatusCode);

        using var tenants = await server.ClientOfAsync(await server.AddTenantAsync());
        client.DefaultRequestHeaders.Authorization = tenants.DefaultRequestHeaders.Authorization;
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/metrics", Stop)).StatusCode);

        var key = await server.Operator.PostAsync<IssuedApiKeyView>("operator-keys", null, new NewApiKey("watch", ["operator:read"]), Stop);
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.Key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/metrics", Stop)).StatusCode);
    }
}
