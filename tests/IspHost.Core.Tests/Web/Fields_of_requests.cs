using IspHost.Testing;

namespace IspHost.Core.Tests.Web;

public sealed class Fields_of_requests(PostgresFixture postgres, SharedApi shared) : IClassFixture<SharedApi>
{
    const string Terms = """
        { "code": "p", "name": "P", "network": { "up": 1, "down": 1 }, "price": PRICE }
        """;

    [Fact]
    public async Task That_break_rules_are_named_all_at_once()
    {
        var answer = await Api.PostAsync(shared.Api.Operator, "tenants", """
            { "code": "A b", "currency": "EURO", "zone": "Europe/Athens", "adress": [], "tax_engine": null, "address": ["x", 5] }
            """);

        Assert.Equal((400, "/problems/invalid-field"), (answer.Status, answer.Type));
        Assert.Equal(
            [
                "code must be lower-case letters, digits and hyphens, 1 to 32, beginning with a letter or digit",
                "currency must be a currency code of ISO 4217, such as EUR",
                "adress must be left out: there is no such field; 'address' is one",
                "tax_engine must be a value, and not null",
                "address[1] must be 1 to 100 characters, none of them a control character",
            ],
            answer.Errors);
    }

    [Theory]
    [InlineData(
        """{ "recuring": { "amount": "20.50", "currency": "EUR" } }""",
        "price.recuring must be left out: there is no such field; 'recurring' is one")]
    [InlineData(
        """{ "recurring": { "amount": 20.5, "currency": "EUR" } }""",
        "price.recurring.amount must be a decimal number as a string, such as \"20.50\"")]
    [InlineData("""{ "recurring": { "amount": "20.50" } }""", "price.recurring.currency must be given")]
    [InlineData("""{ "interval_months": 2 }""", "price.interval_months must be a whole number, one of 1, 3, 6, 12")]
    [InlineData("""{ "timing": 1 }""", "price.timing must be one of advance, arrears")]
    [InlineData("""{ "timing": "Advance" }""", "price.timing must be one of advance, arrears")]
    [InlineData("""{ "tax_class": "a", "tax_class": "b" }""", "price.tax_class must be given once")]
    [InlineData("[]", "price must be an object")]
    [InlineData("null", "price must be a value, and not null")]
    public async Task Of_a_plan_are_looked_at_down_to_the_last(string price, string error)
    {
        var answer = await Api.PostAsync(shared.Api.Tenant, "plans", Terms.Replace("PRICE", price, StringComparison.Ordinal));

        Assert.Equal(400, answer.Status);
        Assert.Equal([error], answer.Errors);
        Assert.Empty((await Api.GetAsync(shared.Api.Tenant, "plans")).Read().GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("{}", "reason must be given")]
    [InlineData("""{ "reason": 3 }""", "reason must be one of ")]
    [InlineData("""{ "reason": "3" }""", "reason must be one of ")]
    [InlineData("""{ "reason": null }""", "reason must be a value, and not null")]
    public async Task That_are_missing_are_not_taken_for_the_first_of_several(string body, string error)
    {
        var answer = await Api.PostAsync(shared.Api.Tenant, $"subscriptions/{Guid.NewGuid()}/suspend", body);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith(error, Assert.Single(answer.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "body must be given")]
    [InlineData("{", "body must be valid JSON (line 1)")]
    [InlineData("[]", "body must be an object")]
    [InlineData("null", "body must be an object")]
    [InlineData("5", "body must be an object")]
    public async Task Are_missed_in_a_body_that_is_none(string body, string error)
        => Assert.Equal([error], (await Api.PostAsync(shared.Api.Tenant, "customers", body)).Errors);

    [Theory]
    [InlineData("customers?limit=0", "limit must be a whole number, 1 to 500")]
    [InlineData("customers?limit=501", "limit must be a whole number, 1 to 500")]
    [InlineData("customers?limit=many", "limit must be a whole number, 1 to 500")]
    [InlineData("customers?limit=1&limit=2", "limit must be given once")]
    [InlineData("customers?serach=ann", "serach must be left out: there is no such field; 'search' is one")]
    [InlineData("customers?cursor=garbage", "cursor must be what the page before gave as next")]
    [InlineData("plans?cursor=WyJjdXN0b21lcnMiLCJOT1JUSC0wMDAwMDAxLTkiXQ", "cursor must be what the page before gave as next")]
    [InlineData("subscriptions?customer=5", "customer must be a UUID")]
    [InlineData("deliveries?state=lost", "state must be one of dead, failing, pending")]
    [InlineData("customers/5", "id must be a UUID")]
    public async Task In_an_address_are_looked_at_as_well(string path, string error)
    {
        var answer = await Api.GetAsync(shared.Api.Tenant, path);

        Assert.Equal(400, answer.Status);
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task Of_another_kind_of_body_are_not_looked_at()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "customers") { Content = new StringContent("name=Ann") };
        using var answer = await shared.Api.Tenant.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(415, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("24.9", "24.90")]
    [InlineData("0", "0.00")]
    [InlineData("24.00000000", "24.00")]
    [InlineData("0.00125", "0.00125")]
    public async Task Are_shown_as_money_in_the_digits_of_its_currency(string given, string shown)
    {
        await using var api = await Api.StartAsync(postgres);
        var price = $$"""{ "recurring": { "amount": "{{given}}", "currency": "EUR" } }""";
        var made = await Api.PostAsync(api.Tenant, "plans", Terms.Replace("PRICE", price, StringComparison.Ordinal));

        Assert.Equal(shown, made.Read().GetProperty("price").GetProperty("recurring").GetProperty("amount").GetString());
    }
}
