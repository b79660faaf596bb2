namespace IspHost.Core.Tests.Web;

public sealed class Text_in_requests(SharedApi shared) : IClassFixture<SharedApi>
{
    [Theory]
    [InlineData("customers", """{ "name": "A\u0000B" }""", "name")]
    [InlineData("customers", """{ "name": "Ann", "address": ["Street 1", "City\u0007"] }""", "address[1]")]
    [InlineData("address-pools", """{ "name": "\u0000" }""", "name")]
    [InlineData("subscriptions/00000000-0000-0000-0000-000000000001/change-plan", """{ "plan": "\u0000" }""", "plan")]
    [InlineData("subscriptions/00000000-0000-0000-0000-000000000001/suspend", """{ "reason": "debt", "note": "\u0000" }""", "note")]
    public async Task With_control_characters_is_a_field_that_breaks_a_rule(string path, string body, string field)
    {
        var answer = await Api.PostAsync(shared.Api.Tenant, path, body);

        Assert.Equal((400, "/problems/invalid-field"), (answer.Status, answer.Type));
        Assert.StartsWith("must be ", answer.Read().GetProperty("errors").GetProperty(field).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Has_a_bound_also_where_a_field_has_no_rule_of_its_own()
    {
        var answer = await Api.PostAsync(
            shared.Api.Tenant, "subscriptions/00000000-0000-0000-0000-000000000001/suspend",
            $$"""{ "reason": "debt", "note": "{{new string('n', 501)}}" }""");

        Assert.Equal((400, "/problems/invalid-field"), (answer.Status, answer.Type));
    }

    [Theory]
    [InlineData("address", """["1","2","3","4","5","6","7"]""")]
    [InlineData("tax_number", "\"123456789012345678901234567890123\"")]
    [InlineData("tax_number", "\"rubbish\"")]
    public async Task Of_a_tenant_has_the_bounds_of_a_customers(string field, string value)
    {
        var answer = await Api.PostAsync(
            shared.Api.Operator, "tenants",
            $$"""{ "code": "south", "currency": "EUR", "zone": "Europe/Athens", "{{field}}": {{value}} }""");

        Assert.True(answer.Read().GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("customers?search=%00", "search")]
    [InlineData("audit?target=a%07", "target")]
    public async Task Of_addresses_is_looked_at_as_well(string path, string field)
    {
        var answer = await Api.GetAsync(shared.Api.Tenant, path);

        Assert.Equal(400, answer.Status);
        Assert.True(answer.Read().GetProperty("errors").TryGetProperty(field, out _));
    }
}
