using IspHost.Testing;

namespace IspHost.Core.Tests.Web;

public sealed class Lists(PostgresFixture postgres, SharedApi shared) : IClassFixture<SharedApi>
{
    const string Plan = """
        { "code": "CODE", "name": "Plan", "network": { "up": 1000000, "down": 1000000 }, "price": { "tax_class": "standard" } }
        """;

    [Fact]
    public async Task Of_services_skip_none_of_two_with_one_name()
    {
        await using var api = await Api.StartAsync(postgres);
        await AddServicesAsync(api, "('ann', 'terminated'), ('ann', 'terminated'), ('ann', 'active'), ('bob', 'active')");

        Assert.Equal(["ann", "ann", "ann", "bob"], await WalkAsync(api.Tenant, "subscriptions", "user_name"));
    }

    [Fact]
    public async Task Of_services_are_read_with_the_same_few_statements_however_long_they_are()
    {
        await using var api = await Api.StartAsync(postgres);
        await AddServicesAsync(api, "('ann', 'active'), ('bob', 'active'), ('cid', 'active'), ('dan', 'active')");
        await Api.GetAsync(api.Tenant, "subscriptions?limit=1");

        var before = api.Wire.Statements;
        await Api.GetAsync(api.Tenant, "subscriptions?limit=1");
        var one = api.Wire.Statements - before;
        await Api.GetAsync(api.Tenant, "subscriptions?limit=4");

        // The key may be looked up again in between.
        Assert.InRange(api.Wire.Statements - before - one, one - 1, one + 1);
    }

    [Theory]
    [InlineData("address-pools", "name", """{ "name": "CODE" }""")]
    [InlineData("nas", "name", """{ "name": "CODE", "address": "192.0.2.NUMBER", "secret": "testing123" }""")]
    [InlineData("plans", "code", Plan)]
    public async Task Come_in_pages(string path, string field, string body)
    {
        foreach (var (code, number) in ((string, string)[])[("b", "2"), ("a", "1"), ("c", "3")])
        {
            var made = await Api.PostAsync(
                shared.Api.Tenant, path,
                body.Replace("CODE", code, StringComparison.Ordinal).Replace("NUMBER", number, StringComparison.Ordinal));
            Assert.True(made.Status == 201, made.Body);
        }

        Assert.Equal(["a", "b", "c"], await WalkAsync(shared.Api.Tenant, path, field));
    }

    [Fact]
    public async Task Of_tenants_and_keys_and_price_scripts_come_in_pages_too_and_without_sources()
    {
        await Api.PostAsync(shared.Api.Operator, "tenants", """{ "code": "south", "currency": "EUR", "zone": "Europe/Athens" }""");
        await Api.PostAsync(shared.Api.Tenant, "api-keys", """{ "name": "second" }""");
        await shared.Api.AskAsync<object>($"""
            insert into host.price_script (tenant_id, hash, name, revision, source, image, compiler)
            select '{shared.Api.Id}', repeat(n::text, 64), 'fair-use', n, 'source', '', '' from generate_series(1, 3) n
            """);

        Assert.Equal(["north", "south"], await WalkAsync(shared.Api.Operator, "tenants", "code"));
        Assert.Equal(2, (await WalkAsync(shared.Api.Tenant, "api-keys", "prefix")).Count);
        Assert.Equal(["1", "2", "3"], await WalkAsync(shared.Api.Tenant, "price-scripts", "revision"));
        Assert.DoesNotContain("source", (await Api.GetAsync(shared.Api.Tenant, "price-scripts")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Come_in_the_order_that_is_asked_for()
    {
        await using var api = await Api.StartAsync(postgres);
        foreach (var name in (string[])["Cid", "Ann", "Bob", "Ann"])
            await Api.PostAsync(api.Tenant, "customers", $$"""{ "name": "{{name}}" }""");
        var otherwise = (await Api.GetAsync(api.Tenant, "customers?limit=1&sort=-name")).Read().GetProperty("next").GetString();

        Assert.Equal(["Ann", "Ann", "Bob", "Cid"], await WalkAsync(api.Tenant, "customers?sort=name", "name"));
        Assert.Equal(["Cid", "Bob", "Ann", "Ann"], await WalkAsync(api.Tenant, "customers?sort=-name", "name"));
        Assert.Equal(["Cid", "Ann", "Bob", "Ann"], await WalkAsync(api.Tenant, "customers?sort=portal_id", "name"));
        Assert.Equal(["Ann", "Bob", "Ann", "Cid"], await WalkAsync(api.Tenant, "customers?sort=-portal_id", "name"));
        Assert.Equal(400, (await Api.GetAsync(api.Tenant, $"customers?cursor={otherwise}")).Status);
        Assert.Equal(
            ["sort must be one of portal_id, -portal_id, name, -name"], (await Api.GetAsync(api.Tenant, "customers?sort=age")).Errors);
    }

    [Fact]
    public async Task Of_services_bring_their_customers_along()
    {
        await using var api = await Api.StartAsync(postgres);
        await AddServicesAsync(api, "('ann', 'active')");

        var plain = (await Api.GetAsync(api.Tenant, "subscriptions")).Read().GetProperty("items")[0];
        var item = (await Api.GetAsync(api.Tenant, "subscriptions?include=customer")).Read().GetProperty("items")[0];
        var one = (await Api.GetAsync(api.Tenant, $"subscriptions/{item.GetProperty("id")}?include=customer")).Read();

        Assert.False(plain.TryGetProperty("included", out _));
        Assert.Equal("A customer", item.GetProperty("included").GetProperty("customer").GetProperty("name").GetString());
        Assert.Equal(item.GetRawText(), one.GetRawText());
        Assert.Equal(400, (await Api.GetAsync(api.Tenant, "subscriptions?include=invoices")).Status);
    }

    [Theory]
    [InlineData("subscriptions")]
    [InlineData("nas")]
    [InlineData("price-scripts")]
    public async Task Refuse_a_cursor_that_is_none(string path)
    {
        var answer = await Api.GetAsync(shared.Api.Tenant, $"{path}?cursor=nowhere");

        Assert.Equal((400, "/problems/invalid-field"), (answer.Status, answer.Type));
    }

    static async Task<List<string>> WalkAsync(HttpClient client, string path, string field)
    {
        var seen = new List<string>();
        var more = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        for (string? after = ""; after is not null;)
        {
            var page = (await Api.GetAsync(client, $"{path}{more}limit=1{after}")).Read();
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(field).ToString()));
            after = page.TryGetProperty("next", out var next) ? $"&cursor={Uri.EscapeDataString(next.GetString()!)}" : null;
        }
        return seen;
    }

    static Task<object?> AddServicesAsync(Api api, string services) => api.AskAsync<object>($"""
        insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
        values ('{api.Id}', '{api.Id}', '1', 'A customer', 'GR', 'home', '2026-01-01');
        insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on, terminated_on)
        select '{api.Id}', gen_random_uuid(), '{api.Id}', state, name, '', '2026-01-01',
          case when state = 'terminated' then date '2026-02-01' end
        from (values {services}) s (name, state)
        """);
}
