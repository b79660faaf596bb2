using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IspHost.Core.Tenants;
using IspHost.Sdk;

namespace IspHost.Server.Tests;

public sealed class Requests_to_the_API(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_key_are_refused_with_a_problem_document()
    {
        using var client = new HttpClient { BaseAddress = server.Address };

        using var answer = await client.GetAsync("/api/v1/customers", Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("/problems/unauthenticated", await TypeOf(answer));
    }

    [Fact]
    public async Task Of_a_tenant_may_not_do_what_is_the_operators()
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.GetAsync("tenants", Stop);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("""{ "name": "" }""", "name")]
    [InlineData("""{ "name": "Ann", "email": "nowhere" }""", "email")]
    [InlineData("""{ "name": "Ann", "country": "Greece" }""", "country")]
    [InlineData("{}", "name")]
    [InlineData("""{ "name": 5 }""", "name")]
    [InlineData("", "body")]
    public async Task With_a_bad_field_are_told_which_and_why(string body, string field)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.PostAsync("customers", Json(body), Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal("/problems/invalid-field", problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("""
        "tax_class": "telecom"
        """, "price.tax_class", "There is no tax class 'telecom': VAT knows standard, reduced and exempt.")]
    [InlineData("""
        "tax_class": "reduced"
        """, "price.tax_class", "There is no VAT rate of class 'reduced' for country 'GR'.")]
    [InlineData("""
        "usage": { "rule": "magic", "rate": "0.05" }
        """, "price.usage.rule", "Nothing offers a rating rule 'magic'.")]
    public async Task For_a_plan_that_nothing_could_bill_are_told_the_field(string price, string field, string reason)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.PostAsync("plans", Json($$"""
            { "code": "p", "name": "P", "network": { "up": 1000000, "down": 1000000 }, "price": { {{price}} } }
            """), Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal("/problems/invalid-field", problem.GetProperty("type").GetString());
        Assert.Equal(reason, problem.GetProperty("errors").GetProperty(field).GetString());
    }

    [Theory]
    [InlineData("America/New_York", "vat", "country: There are no VAT rates for a seller in country 'US'.")]
    [InlineData("Europe/Athens", "magic", "tax_engine: No plugin offers a tax engine 'magic'.")]
    public async Task For_a_tenant_that_nothing_could_tax_are_told_the_field(string zone, string engine, string detail)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => server.Operator.PostAsync<TenantView>(
            "tenants", null, new NewTenant { Code = "nowhere", Currency = Currency.Of("USD"), Zone = zone, TaxEngine = engine }, Stop));

        Assert.Contains(detail, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_what_is_another_tenants_find_nothing()
    {
        using var mine = await server.ClientOfAsync(await server.AddTenantAsync());
        using var theirs = await server.ClientOfAsync(await server.AddTenantAsync());
        var id = await RegisterAsync(theirs);

        using var answer = await mine.GetAsync($"customers/{id}", Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await theirs.GetAsync($"customers/{id}", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("customers/xyz", HttpStatusCode.BadRequest, "/problems/invalid-field", "id must be a UUID.")]
    [InlineData("nothing", HttpStatusCode.NotFound, "/problems/not-found", "There is nothing at this address, or it is another tenant's.")]
    public async Task That_lead_nowhere_are_told_why(string path, HttpStatusCode status, string type, string detail)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.GetAsync(path, Stop);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal(
            (status, type, detail),
            (answer.StatusCode, problem.GetProperty("type").GetString(), problem.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Repeated_with_the_same_key_happen_once()
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());
        client.DefaultRequestHeaders.Add("Idempotency-Key", "first-customer");

        var (first, second) = (await RegisterAsync(client), await RegisterAsync(client));

        Assert.Equal(first, second);
        using var other = await client.PostAsync("customers", Json("""{ "name": "Somebody Else" }"""), Stop);
        Assert.Equal("/problems/idempotency-key-reused", await TypeOf(other));
    }

    [Fact]
    public async Task To_revoke_a_key_end_it()
    {
        var tenant = await server.AddTenantAsync();
        using var client = await server.ClientOfAsync(tenant);
        var keys = await client.GetFromJsonAsync<JsonElement>("api-keys", Stop);
        var prefix = keys.GetProperty("items")[0].GetProperty("prefix").GetString();

        using var revoked = await client.DeleteAsync($"api-keys/{prefix}", Stop);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        var stored = await server.Operator.GetAsync<JsonElement>("api-keys", tenant, Stop);
        Assert.True(stored.GetProperty("items")[0].TryGetProperty("revoked_at", out _));
        Assert.DoesNotContain("hash", stored.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Give_every_customer_a_portal_id_of_its_own()
    {
        var tenant = await server.AddTenantAsync();
        using var client = await server.ClientOfAsync(tenant);
        await RegisterAsync(client);
        await RegisterAsync(client);

        var page = await client.GetFromJsonAsync<JsonElement>("customers", Stop);

        Assert.Equal(
            [Core.Customers.PortalId.Format(tenant, 1), Core.Customers.PortalId.Format(tenant, 2)],
            page.GetProperty("items").EnumerateArray().Select(customer => customer.GetProperty("portal_id").GetString()));
    }

    [Fact]
    public async Task Show_the_OpenAPI_document_with_the_endpoints_of_plugins()
    {
        using var client = new HttpClient { BaseAddress = server.Address };

        var document = await client.GetStringAsync("/openapi/v1.json", Stop);

        Assert.Contains("/api/v1/customers", document, StringComparison.Ordinal);
        Assert.Contains("/api/v1/bill-runs", document, StringComparison.Ordinal);
        Assert.Equal("string", JsonDocument.Parse(document).RootElement.GetProperty("components").GetProperty("schemas")
            .GetProperty("CustomerDetails").GetProperty("properties").GetProperty("name").GetProperty("type").GetString());
    }

    [Fact]
    public async Task For_the_front_page_get_one_without_scripts_under_a_strict_policy()
    {
        using var client = new HttpClient { BaseAddress = server.Address };

        using var answer = await client.GetAsync("/", Stop);

        Assert.StartsWith(
            "default-src 'none'; style-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    static async Task<string> RegisterAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("customers", Json("""{ "name": "Ann" }"""), Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Stop));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("id").GetString()!;
    }

    static async Task<string?> TypeOf(HttpResponseMessage answer)
        => (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("type").GetString();

    static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
