using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Runtime.CompilerServices;
using IspHost.Core.ApiKeys;
using IspHost.Core.Web;
using IspHost.Server.Client;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace IspHost.Server.Tests;

public sealed class Keys_with_scopes(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_endpoint_of_the_host_and_of_plugins_names_its_scope_or_is_open_on_purpose()
    {
        var endpoints = Endpoints();

        Assert.Equal(
            ["", "assets", "docs", "favicon.ico", "health", "openapi", "problems", "versions"],
            endpoints.Where(endpoint => endpoint.IsOpen).Select(endpoint => endpoint.Path.Split('/')[1]).Distinct()
                .Order(StringComparer.Ordinal));
        Assert.All(
            endpoints.Where(endpoint => !endpoint.IsOpen),
            endpoint => Assert.True(endpoint is { Area: not null, IsGuarded: true }, $"{endpoint.Path} names no scope"));
        Assert.Superset(
            new HashSet<string>(["billing", "customers", "network", "operator", "radius"]),
            endpoints.Select(endpoint => endpoint.Area).OfType<string>().ToHashSet());
    }

    /// <summary>What is to be known of each endpoint. The endpoints themselves would keep plugins in memory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    List<(string Path, bool IsOpen, bool IsGuarded, string? Area)> Endpoints()
        => [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(endpoint => (
            endpoint.RoutePattern.RawText!,
            endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null,
            endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null,
            endpoint.Metadata.GetMetadata<ScopeArea>()?.Name))];

    [Fact]
    public async Task May_do_what_these_say_and_are_told_which_one_they_lack()
    {
        var tenant = await server.AddTenantAsync();
        using var client = await ClientOfAsync(tenant, new NewApiKey("shop", ["customers:write", "catalog:read"]));

        using var made = await client.PostAsJsonAsync("customers", new { name = "Ann" }, Stop);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("plans", Stop)).StatusCode);
        await RefusesAsync(client.GetAsync("customers", Stop), "customers:read");
        await RefusesAsync(client.PostAsJsonAsync("plans", new { }, Stop), "catalog:write");
        await RefusesAsync(client.GetAsync("bill-runs", Stop), "billing:read");
    }

    [Fact]
    public async Task To_read_read_everything_and_write_nothing()
    {
        var tenant = await server.AddTenantAsync();
        using var client = await ClientOfAsync(tenant, new NewApiKey("report", ["read"]));

        foreach (var path in (string[])["customers", "plans", "nas", "api-keys", "audit", "bill-runs", "subscriptions"])
            Assert.Equal((path, HttpStatusCode.OK), (path, (await client.GetAsync(path, Stop)).StatusCode));
        await RefusesAsync(client.PostAsJsonAsync("customers", new { name = "Ann" }, Stop), "customers:write");
        await RefusesAsync(client.PostAsJsonAsync("api-keys", new { name = "more" }, Stop), "keys:write");
    }

    [Fact]
    public async Task Of_a_tenant_never_do_what_is_the_operators()
    {
        using var client = await ClientOfAsync(await server.AddTenantAsync(), new NewApiKey("all", ["all", "operator:read"]));

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("tenants", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("vault/keys", Stop)).StatusCode);
    }

    [Fact]
    public async Task Make_keys_with_no_more_than_their_own()
    {
        var tenant = await server.AddTenantAsync();
        var end = Instant.FromUnixTimeSeconds(SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds()) + Duration.FromDays(30);
        using var client = await ClientOfAsync(tenant, new NewApiKey("delegate", ["keys:write", "usage:read"], end));

        Assert.Equal("scopes", await FieldOfAsync(client, new NewApiKey("x", ["customers:read"])));
        Assert.Equal("scopes", await FieldOfAsync(client, new NewApiKey("x", ["read"])));
        Assert.Equal("scopes", await FieldOfAsync(client, new NewApiKey("x", ["all"])));
        Assert.Equal("scopes", await FieldOfAsync(client, new NewApiKey("x", ["usages:read"])));
        Assert.Equal("scopes", await FieldOfAsync(client, new NewApiKey("x", [])));
        Assert.Equal("expires_at", await FieldOfAsync(client, new NewApiKey("x", ["usage:read"], end + Duration.FromDays(1))));
        Assert.Equal("expires_at", await FieldOfAsync(client, new NewApiKey("x", ["usage:read"], end - Duration.FromDays(60))));
        using var made = await client.PostAsJsonAsync("api-keys", new NewApiKey("x"), ApiClient.Json, Stop);
        var key = (await made.Content.ReadFromJsonAsync<IssuedApiKeyView>(ApiClient.Json, Stop))!;
        Assert.Equal(["keys:write", "usage:read"], key.Scopes);
        Assert.Equal(end, key.ExpiresAt);
        Assert.DoesNotContain(key.Key!, key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_the_operator_are_bound_by_them_too_and_can_watch()
    {
        var tenant = await server.AddTenantAsync();
        using var client = await ClientOfAsync(null, new NewApiKey("monitoring", ["operator:read"]));

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("nodes", Stop)).StatusCode);
        await RefusesAsync(client.PostAsJsonAsync("operator-keys", new { name = "more" }, Stop), "operator:write");
        client.DefaultRequestHeaders.Add("Tenant", tenant);
        await RefusesAsync(client.GetAsync("customers", Stop), "customers:read");
    }

    [Fact]
    public async Task Of_the_operator_are_shown_once_though_the_request_is_repeated()
    {
        using var client = await ClientOfAsync(null, new NewApiKey("maker", ["operator:read", "operator:write"]));
        client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());

        using var first = await client.PostAsJsonAsync("operator-keys", new { name = "once" }, Stop);
        using var second = await client.PostAsJsonAsync("operator-keys", new { name = "once" }, Stop);

        var shown = await first.Content.ReadFromJsonAsync<JsonElement>(Stop);
        var repeated = await second.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.StartsWith("isp_-_", shown.GetProperty("key").GetString(), StringComparison.Ordinal);
        Assert.False(repeated.TryGetProperty("key", out _));
        Assert.Equal(shown.GetProperty("prefix").GetString(), repeated.GetProperty("prefix").GetString());
    }

    [Fact]
    public async Task Are_made_listed_and_ended_on_the_command_line()
    {
        var tenant = await server.AddTenantAsync();

        var (code, key, errors) = await ProgramUnderTest.RunAsync(
            "apikeys", "create", "--tenant", tenant, "--name", "till", "--scope", "customers:read", "--scope", "read", "--expires",
            "2999-01-31", "--data", server.Data);
        Assert.Equal((0, ""), (code, errors));
        var prefix = key.Split('_')[2];
        var (_, list, _) = await ProgramUnderTest.RunAsync("apikeys", "list", "--tenant", tenant, "--data", server.Data);
        Assert.Contains($"{prefix}  till  customers:read read  2999-01-31 00:00", list, StringComparison.Ordinal);
        var (_, ended, _) = await ProgramUnderTest.RunAsync("apikeys", "revoke", prefix, "--tenant", tenant, "--data", server.Data);
        Assert.Equal($"The key {prefix} has ended.", ended.Trim());
    }

    async Task<HttpClient> ClientOfAsync(string? tenant, NewApiKey request)
    {
        var key = await server.Operator.PostAsync<IssuedApiKeyView>(tenant is null ? "operator-keys" : "api-keys", tenant, request, Stop);
        var client = new HttpClient { BaseAddress = new Uri(server.Address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.Key);
        return client;
    }

    static async Task RefusesAsync(Task<HttpResponseMessage> request, string scope)
    {
        using var answer = await request;
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "/problems/scope-missing", scope),
            (answer.StatusCode, problem.GetProperty("type").GetString(), problem.GetProperty("scope").GetString()));
        Assert.Contains(scope, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    static async Task<string> FieldOfAsync(HttpClient client, NewApiKey request)
    {
        using var answer = await client.PostAsJsonAsync("api-keys", request, ApiClient.Json, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        return problem.GetProperty("errors").EnumerateObject().Single().Name;
    }
}
