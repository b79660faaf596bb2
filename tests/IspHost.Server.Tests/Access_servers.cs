using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace IspHost.Server.Tests;

/// <summary>Their addresses decide whose a packet is, so no tenant takes another one's.</summary>
public sealed class Access_servers(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_an_address_of_another_tenant_need_the_operators_word()
    {
        var (mine, theirs) = (await server.AddTenantAsync(), await server.AddTenantAsync());
        using var first = await server.ClientOfAsync(mine);
        using var second = await server.ClientOfAsync(theirs);
        using var operators = server.ClientOfOperator();

        Assert.Equal((HttpStatusCode.Created, null), await AddAsync(first, "10.77.0.1"));
        Assert.Equal((HttpStatusCode.Conflict, "/problems/nas-exists"), await AddAsync(first, "10.77.0.1"));
        Assert.Equal((HttpStatusCode.Conflict, "/problems/nas-address-taken"), await AddAsync(second, "10.77.0.1"));
        using var shared = await operators.PutAsync($"device-addresses/10.77.0.1/tenants/{theirs}", content: null, Stop);
        Assert.Equal((HttpStatusCode.Created, null), await AddAsync(second, "10.77.0.1"));
        var view = await operators.GetFromJsonAsync<JsonElement>("device-addresses/10.77.0.1", Stop);
        Assert.Equal([mine, theirs], view.GetProperty("tenants").EnumerateArray().Select(code => code.GetString()));
    }

    [Fact]
    public async Task That_have_gone_leave_their_address_to_others()
    {
        using var first = await server.ClientOfAsync(await server.AddTenantAsync());
        using var second = await server.ClientOfAsync(await server.AddTenantAsync());
        await AddAsync(first, "10.77.0.2");
        var list = (await first.GetFromJsonAsync<JsonElement>("nas", Stop)).GetProperty("items");

        using var removed = await first.DeleteAsync($"nas/{list[0].GetProperty("id").GetString()}", Stop);

        Assert.Equal((HttpStatusCode.Created, null), await AddAsync(second, "10.77.0.2"));
    }

    [Theory]
    [InlineData("010.9.8.7")]
    [InlineData("10.9")]
    [InlineData("::ffff:127.0.0.3")]
    [InlineData("224.0.0.1")]
    public async Task At_what_is_no_address_of_one_device_are_refused_by_field(string address)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.PostAsJsonAsync("nas", new { address, secret = "testing123" }, Stop);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(problem.GetProperty("errors").TryGetProperty("address", out _), problem.GetRawText());
    }

    [Theory]
    [InlineData("""{ "prefix": "100.64.8.5/22", "kind": "v4" }""", "prefix", "100.64.8.0/22")]
    [InlineData("""{ "prefix": "010.0.0.0/24", "kind": "v4" }""", "prefix", "8.0.0.0/24")]
    [InlineData("""{ "prefix": "10.0.0.0/24", "kind": "v4", "piece_length": 24 }""", "piece_length", "32")]
    public async Task Have_pools_whose_prefixes_say_what_they_are(string prefix, string field, string says)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());
        using var pool = await client.PostAsJsonAsync("address-pools", new { name = "home" }, Stop);

        using var content = new StringContent(prefix, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("address-pools/home/prefixes", content, Stop);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, problem.GetProperty("errors").GetProperty(field).GetString(), StringComparison.Ordinal);
    }

    static async Task<(HttpStatusCode Status, string? Problem)> AddAsync(HttpClient client, string address)
    {
        using var answer = await client.PostAsJsonAsync("nas", new { address, secret = "testing123" }, Stop);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        return (answer.StatusCode, body.TryGetProperty("type", out var type) ? type.GetString() : null);
    }
}
