using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IspHost.Plugins.Radius.Changes;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Sdk;
using IspHost.Sdk.Panels;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

public sealed class SessionApiTests(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_are_listed_newest_first_in_pages()
    {
        await using var world = await WorldAsync(5);
        await using var api = await ApiAsync(world);
        var first = await api.GetAsync("sessions?limit=3");
        Assert.Equal(["user-4", "user-3", "user-2"], Users(first));
        var second = await api.GetAsync($"sessions?limit=3&cursor={first["next"]}");
        Assert.Equal(["user-1", "user-0"], Users(second));
        Assert.Null(second["next"]);
    }

    [Fact]
    public async Task Sessions_of_one_user_are_found()
    {
        await using var world = await WorldAsync(3);
        await using var api = await ApiAsync(world);
        Assert.Equal(["user-1"], Users(await api.GetAsync("sessions?user=user-1")));
    }

    [Fact]
    public async Task A_session_without_interims_is_shown_as_stale()
    {
        await using var world = await WorldAsync(1);
        await using var api = await ApiAsync(world);
        Assert.False((bool)(await api.GetAsync("sessions"))["items"]![0]!["is_stale"]!);
        world.Tenants.MoveBy(Duration.FromMinutes(31));
        Assert.True((bool)(await api.GetAsync("sessions"))["items"]![0]!["is_stale"]!);
    }

    [Fact]
    public async Task Another_tenants_session_is_not_there()
    {
        await using var world = await WorldAsync(1);
        var id = Assert.Single(await world.SessionsAsync()).Id;
        var south = await world.AddTenantAsync("south");
        await using var api = await ApiAsync(world, south.Id);
        Assert.Empty(Users(await api.GetAsync("sessions")));
        using var missing = await api.Client.GetAsync(new Uri($"sessions/{id}", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_session_is_disconnected_on_request_and_the_outcome_is_there_to_read()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(1, nas.Port);
        var id = Assert.Single(await world.SessionsAsync()).Id;
        await using var api = await ApiAsync(world);
        using var response = await api.Client.PostAsync(new Uri($"sessions/{id}/disconnect", UriKind.Relative), null, Stop);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("acknowledged", (string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!["outcome"]);
        var detail = await api.GetAsync($"sessions/{id}");
        Assert.Equal("key:test", (string?)detail["changes"]![0]!["by"]);
    }

    [Fact]
    public async Task A_request_to_disconnect_that_is_repeated_asks_the_access_server_once()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(1, nas.Port);
        var id = Assert.Single(await world.SessionsAsync()).Id;
        await using var api = await ApiAsync(world);
        world.Answers.Request = Guid.NewGuid();
        await api.DisconnectAsync(id);
        var repeated = await api.DisconnectAsync(id);
        await world.AccountAsync(new Peer(4, 99).Integer(40, 2).Text(44, "s0").Text(1, "user-0").ToAccounting());
        var late = await api.DisconnectAsync(id);

        Assert.Equal(("acknowledged", "acknowledged"), ((string?)repeated["outcome"], (string?)late["outcome"]));
        Assert.Single(nas.Requests);
        Assert.Single((await api.GetAsync($"sessions/{id}"))["changes"]!.AsArray());
    }

    [Fact]
    public async Task A_request_to_disconnect_that_was_killed_before_it_was_sent_is_sent_by_its_repetition()
    {
        await using var nas = new FakeNas(_ => 41);
        await using var world = await WorldAsync(1, nas.Port);
        var session = Assert.Single(await world.SessionsAsync());
        await using var api = await ApiAsync(world);
        world.Answers.Request = Guid.NewGuid();
        var order = new ChangeOrder
        {
            Request = world.Answers.Request.Value,
            Session = session.Id,
            Access = AccessMode.Blocked,
            Reason = "",
            By = "key:test",
            AsOf = World.Noon,
            Cut = true,
        };
        await world.Get<ChangeRequests>().BeginAsync(world.Tenant.Id, order, ChangeKind.Disconnect, Stop);

        Assert.Equal("acknowledged", (string?)(await api.DisconnectAsync(session.Id))["outcome"]);
        Assert.Single(nas.Requests);
    }

    [Fact]
    public async Task A_session_that_has_ended_cannot_be_disconnected()
    {
        await using var world = await WorldAsync(1);
        await world.AccountAsync(new Peer(4, 99).Integer(40, 2).Text(44, "s0").Text(1, "user-0").ToAccounting());
        var session = Assert.Single(await world.SessionsAsync());
        await using var api = await ApiAsync(world);
        Assert.Equal((409, "/problems/session-ended"), await api.ProblemAsync(HttpMethod.Post, $"sessions/{session.Id}/disconnect"));
        Assert.Equal("stopped", (string?)(await api.GetAsync($"sessions/{session.Id}"))["session"]!["end"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task A_page_of_an_odd_size_is_refused(int limit)
    {
        await using var world = await WorldAsync(0);
        await using var api = await ApiAsync(world);
        Assert.Equal((400, "/problems/invalid-field"), await api.ProblemAsync(HttpMethod.Get, $"sessions?limit={limit}"));
    }

    [Fact]
    public async Task The_panel_shows_how_many_are_online_at_each_tenant_and_who_came_last()
    {
        await using var world = await WorldAsync(7);
        await world.AddTenantAsync("south");
        var panel = await ((IPanel)world.Get<LiveSessionsPanel>()).ReadAsync(Stop);
        Assert.Equal("north/7", $"{panel.Rows[0][0]}/{panel.Rows[0][1]}");
        Assert.Equal(["user-6", "user-5", "user-4", "user-3", "user-2"], panel.Rows.Skip(1).Take(5).Select(row => row[2]));
        Assert.Equal("south/0", $"{panel.Rows[6][0]}/{panel.Rows[6][1]}");
        Assert.All(panel.Rows, row => Assert.Equal(panel.Columns.Count, row.Count));
    }

    [Fact]
    public void The_plugin_brings_what_its_page_says()
    {
        var plugin = FakePluginBuilder.Of(new RadiusPlugin());
        Assert.Equal(
            [
                "schema radius", "listener radius-auth", "listener radius-acct", "event handler AccessChanged", "actor session-change",
                "actor session-watch", "panel live-sessions",
            ],
            plugin.Contributions.Select(contribution => $"{contribution.Kind} {contribution.Name}"));
    }

    [Theory]
    [InlineData("ChangeDeadlineSeconds", "0")]
    [InlineData("StaleAfterIntervals", "many")]
    public void A_setting_that_makes_no_sense_is_refused(string name, string value)
        => Assert.Throws<ArgumentException>(() => FakePluginBuilder.Of(new RadiusPlugin(), (name, value)));

    async Task<World> WorldAsync(int sessions, int changePort = 3799)
    {
        var world = await World.CreateAsync(postgres);
        world.AddDevice(changePort: changePort);
        for (byte i = 0; i < sessions; i++)
            await world.AccountAsync(new Peer(4, i).Integer(40, 1).Text(44, $"s{i}").Text(1, $"user-{i}").ToAccounting());
        return world;
    }

    static string[] Users(JsonNode page) => [.. page["items"]!.AsArray().Select(item => (string)item!["user_name"]!)];

    static async Task<Api> ApiAsync(World world, TenantId? tenant = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        foreach (var service in world.Plugin.Services.Where(
            service => !service.ServiceType.Namespace!.StartsWith("Microsoft", StringComparison.Ordinal)))
            builder.Services.Add(service);
        builder.Services.AddPluginApi(world.Plugin.Services);
        builder.Services.AddSingleton<ICurrentTenant>(new FakeCurrentTenant(tenant ?? world.Tenant.Id));
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        foreach (var map in world.Plugin.Endpoints)
            map(app.MapPluginApi());
        await app.StartAsync(Stop);
        return new Api(app);
    }

    sealed class Api(WebApplication app) : IAsyncDisposable
    {
        public HttpClient Client { get; } = new() { BaseAddress = new Uri($"{app.Urls.Single()}/api/v1/") };

        public async Task<JsonNode> GetAsync(string path)
            => await Client.GetFromJsonAsync<JsonNode>(
                new Uri(path, UriKind.Relative), Stop) ?? throw new InvalidOperationException("No body.");

        public async Task<JsonNode> DisconnectAsync(Guid session)
        {
            using var response = await Client.PostAsync(new Uri($"sessions/{session}/disconnect", UriKind.Relative), null, Stop);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            return await response.Content.ReadFromJsonAsync<JsonNode>(Stop) ?? throw new InvalidOperationException("No body.");
        }

        public async Task<(int Status, string? Type)> ProblemAsync(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
            using var response = await Client.SendAsync(request, Stop);
            return ((int)response.StatusCode, (string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!["type"]);
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.DisposeAsync();
        }
    }
}
