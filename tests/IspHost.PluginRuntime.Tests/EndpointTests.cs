using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace IspHost.PluginRuntime.Tests;

public sealed class EndpointTests
{
    [Fact]
    public async Task Endpoints_come_change_and_go_on_a_connection_that_is_kept_alive()
    {
        await using var web = await WebHost.StartAsync();

        Assert.StartsWith("404", await web.GetAsync("/api/v1/greet/you"));
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);
        Assert.Equal("200 Hello you, from version 1", await web.GetAsync("/api/v1/greet/you"));
        Assert.StartsWith("404", await web.GetAsync("/api/v1/greet-in/el/you"));
        await web.Plugins.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);
        Assert.Equal("200 Hello you, from version 2", await web.GetAsync("/api/v1/greet/you"));
        Assert.StartsWith("200", await web.GetAsync("/api/v1/greet-in/el/you"));
        await web.Plugins.RemoveAsync("greets", TestHost.Stop);
        Assert.StartsWith("404", await web.GetAsync("/api/v1/greet/you"));
        Assert.Equal("200 pong", await web.GetAsync("/api/v1/ping"));
        Assert.Equal(1, web.Connections);
    }

    [Fact]
    public async Task A_swap_under_requests_fails_none_and_unloads_the_old_code()
    {
        await using var web = await WebHost.StartAsync();
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);
        using var done = new CancellationTokenSource();
        var requests = Enumerable.Range(0, 3).Select(_ => Task.Run(() => GetUntilAsync(web, done.Token))).ToArray();

        var reports = new List<ReplacementReport>();
        for (var i = 0; i < 6; i++)
            reports.Add(await web.Plugins.ReplaceAsync("greets", i % 2 == 0 ? Fixtures.GreetsNext : Fixtures.Greets, TestHost.Stop));
        await done.CancelAsync();

        Assert.All(await Task.WhenAll(requests), count => Assert.True(count > 10));
        Assert.All(reports, report => Assert.True(report.Old is { Drained: true, Unloaded: true }, report.ToString()));
    }

    [Fact]
    public async Task An_endpoint_says_to_the_host_which_flag_it_is_behind()
    {
        var flags = new List<string?>();
        await using var web = await WebHost.StartAsync(beforeAuthorization: http =>
        {
            flags.Add(http.GetEndpoint()?.Metadata.GetMetadata<BehindFlag>()?.Flag);
            return Task.CompletedTask;
        });
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);

        await web.GetAsync("/api/v1/greet/you");
        await web.GetAsync("/api/v1/greetings/broken");

        Assert.Equal([null, "broken-greetings"], flags);
    }

    [Fact]
    public async Task A_plugin_that_maps_a_route_of_the_host_is_refused_and_the_host_keeps_it()
    {
        await using var web = await WebHost.StartAsync(
            map: app => app.MapGet("/api/v1/greet/{who}", (string who) => $"The host greets {who}"));

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop));

        Assert.Equal(
            "Plugin greets was refused (switch, ISP1461): the endpoint GET /api/v1/greet/{name} is one of the host already.",
            refused.Message);
        Assert.Equal("200 The host greets you", await web.GetAsync("/api/v1/greet/you"));
    }

    [Fact]
    public async Task A_request_that_outlives_the_time_to_drain_is_aborted_and_the_code_is_unloaded()
    {
        await using var web = await WebHost.StartAsync(options => options.DrainDeadline = TimeSpan.FromMilliseconds(50));
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var request = web.GetAsync("/api/v1/greetings/slow");
        while (web.Plugins.Status.Single().OpenLeases == 0)
            await Task.Delay(5, TestHost.Stop);

        var report = await web.Plugins.RemoveAsync("greets", TestHost.Stop);

        Assert.True(report is { Drained: false, Unloaded: true }, report.ToString());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => request);
    }

    [Fact]
    public async Task A_body_bound_to_a_type_of_the_plugin_does_not_keep_it_loaded()
    {
        await using var web = await WebHost.StartAsync();
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);

        using var response = await web.Client.PostAsJsonAsync("/api/v1/greetings", new { text = "Hi" }, TestHost.Stop);
        var answer = await response.Content.ReadAsStringAsync(TestHost.Stop);
        var report = await web.Plugins.RemoveAsync("greets", TestHost.Stop);

        Assert.Equal("""{"text":"Hi","version":1}""", answer);
        Assert.True(report.Unloaded);
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_is_answered_400()
    {
        await using var web = await WebHost.StartAsync();
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);

        using var body = new StringContent("{", System.Text.Encoding.UTF8, "application/json");
        using var response = await web.Client.PostAsync("/api/v1/greetings", body, TestHost.Stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_endpoint_that_throws_is_answered_500_and_does_not_keep_the_plugin_loaded()
    {
        await using var web = await WebHost.StartAsync();
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);

        Assert.StartsWith("500", await web.GetAsync("/api/v1/greetings/broken"));
        Assert.Equal("Greets.GreetingException", Assert.IsType<ExtensionFailedException>(Assert.Single(web.Caught)).TypeName);
        Assert.True((await web.Plugins.RemoveAsync("greets", TestHost.Stop)).Unloaded);
    }

    [Fact]
    public async Task A_request_that_finds_nothing_serving_is_told_to_come_back()
    {
        var call = new EndpointCall(new PluginHome("gone", TimeProvider.System), "GET /x 0", AnyEndpoint());
        var context = new DefaultHttpContext();

        await call.InvokeAsync(context);

        Assert.Equal(503, context.Response.StatusCode);
        Assert.Equal("1", context.Response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_version_whose_endpoints_the_host_cannot_take_is_rolled_back()
    {
        var refusals = 0;
        await using var web = await WebHost.StartAsync(options => options.EndpointsChanged = () =>
        {
            if (refusals-- > 0)
                throw new InvalidOperationException("no more");
        });
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);
        refusals = 1;

        await Assert.ThrowsAsync<PluginLoadException>(() => web.Plugins.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop));

        Assert.Equal("200 Hello you, from version 1", await web.GetAsync("/api/v1/greet/you"));
        Assert.StartsWith("404", await web.GetAsync("/api/v1/greet-in/el/you"));
        Assert.Equal("1.0.0", web.Plugins.Status.Single().Current!.Version);
        Assert.Equal(0, web.Plugins.Status.Single().LeakedContexts);
    }

    [Fact]
    public async Task The_host_adds_metadata_to_all_endpoints_of_a_plugin()
    {
        await using var web = await WebHost.StartAsync(options
            => options.ConfigureEndpoints = (group, plugin) => group.WithMetadata($"key of {plugin.Id}"));
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);

        Assert.All(web.Plugins.Endpoints.Endpoints, endpoint => Assert.Contains("key of greets", endpoint.Metadata));
        Assert.Equal(4, web.Plugins.Endpoints.Endpoints.Count);
    }

    [Fact]
    public async Task The_OpenAPI_document_follows_the_plugins_and_keeps_none_loaded()
    {
        await using var web = await WebHost.StartAsync(openApi: true);
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var first = await PathsAsync(web);
        var replaced = await web.Plugins.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);
        var second = await PathsAsync(web);
        var removed = await web.Plugins.RemoveAsync("greets", TestHost.Stop);
        var third = await PathsAsync(web);

        Assert.Equal(
            ["/api/v1/greet/{name}", "/api/v1/greetings", "/api/v1/greetings/broken", "/api/v1/greetings/slow"], first);
        Assert.Contains("/api/v1/greet-in/{language}/{name}", second);
        Assert.Empty(third);
        Assert.True(replaced.Old.Unloaded, "after the first document");
        Assert.True(removed.Unloaded, "after the second document");
    }

    [Fact(Timeout = 120_000)]
    public async Task The_OpenAPI_document_is_whole_and_keeps_none_loaded_while_plugins_are_replaced_under_its_readers()
    {
        await using var web = await WebHost.StartAsync(openApi: true, loadedFirst: Fixtures.Greets);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadUntilAsync(web, done.Token))).ToArray();

        var replaced = new List<ReplacementReport>();
        for (var i = 0; i < 8; i++)
            replaced.Add(await web.Plugins.ReplaceAsync("greets", i % 2 == 0 ? Fixtures.GreetsNext : Fixtures.Greets, TestHost.Stop));
        await done.CancelAsync();

        Assert.All(await Task.WhenAll(readers), (string[][] documents) => Assert.All(documents, paths =>
        {
            Assert.Contains("/api/v1/greetings", paths);
        }));
        // Proofs are late while readers take the processors; what is held is held for ever.
        Assert.All(replaced, report => Assert.True(report.Old.Drained, $"{report.From}"));
        while (web.Plugins.Status.Single() is { Dying: > 0 } or { LeakedContexts: > 0 })
        {
            GC.Collect();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_request_that_was_routed_before_a_switch_and_authorized_after_it_keeps_no_old_generation()
    {
        var (routed, authorize) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var web = await WebHost.StartAsync(
            options => options.ConfigureEndpoints = (group, _) => group.RequireAuthorization(policy => policy.RequireAssertion(_ => true)),
            beforeAuthorization: _ =>
            {
                routed.TrySetResult();
                return authorize.Task;
            });
        await web.Plugins.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var request = web.GetAsync("/api/v1/greet/Ann");
        await routed.Task.WaitAsync(TestHost.Stop);
        var replacing = web.Plugins.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);
        while (web.Plugins.Status.Single().Current?.Number != 2)
            await Task.Yield();
        authorize.SetResult();

        Assert.StartsWith("200", await request, StringComparison.Ordinal);
        Assert.True((await replacing).Old.Unloaded);
    }

    static async Task<string[][]> ReadUntilAsync(WebHost web, CancellationToken done)
    {
        var documents = new List<string[]>();
        while (!done.IsCancellationRequested)
        {
            documents.Add(await PathsAsync(web));
            await Task.Yield();
        }
        return [.. documents];
    }

    static async Task<string[]> PathsAsync(WebHost web)
        => [.. (await web.Plugins.DescribeAsync(TestHost.Stop)).Values
            .SelectMany(document => JsonNode.Parse(document)!["paths"]!.AsObject())
            .Select(path => path.Key).Order(StringComparer.Ordinal)];

    static async Task<int> GetUntilAsync(WebHost web, CancellationToken done)
    {
        using var client = new HttpClient { BaseAddress = web.Client.BaseAddress };
        var count = 0;
        for (; !done.IsCancellationRequested; count++)
            Assert.StartsWith("Hello you, from version ", await client.GetStringAsync("/api/v1/greet/you", CancellationToken.None));
        return count;
    }

    static Microsoft.AspNetCore.Routing.RouteEndpoint AnyEndpoint()
        => new(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/x"), 0, null, null);
}
