using System.Text.Json;
using IspHost.Core.Tests.Web;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>What the operator is told who asks why.</summary>
public sealed class Explanations_of_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    Api Api => shared.Api;

    [Fact]
    public async Task Know_the_groups_of_a_customer()
    {
        var made = await Api.PostAsync(
            Api.Tenant, "customers", """{ "name": "Ann", "segment": "business", "tags": ["pilot"] }""");
        var customer = made.Read().GetProperty("id").GetString();
        await Api.PostAsync(
            Api.Tenant, "plans", """{ "code": "home", "name": "Home", "network": { "up": 1, "down": 1 }, "price": {} }""");
        await Api.PostAsync(Api.Tenant, "subscriptions", $$"""
            { "customer": "{{customer}}", "plan": "home", "user_name": "ann", "password": "secret-1", "activate": true }
            """);
        await Api.SetFlagAsync("portal", """{ "groups": [{ "name": "tag:pilot" }] }""");

        var answer = await ExplainAsync("portal", $"tenant=north&customer={customer}");

        Assert.Equal(
            ["tenant:north", $"customer:{customer}", "segment:business", "tag:pilot", "plan:home"],
            answer.GetProperty("groups").EnumerateArray().Select(group => group.GetString()));
        Assert.Equal((true, "all"), (answer.GetProperty("enabled").GetBoolean(), answer.GetProperty("decided_by").GetString()));
        Assert.Equal(["enabled met it is switched on", "audience met group tag:pilot have it"], ConditionsOf(answer));
    }

    [Theory]
    [InlineData("""{ "enabled": false }""", "enabled", "enabled not_met it is switched off", "audience not_looked_at ")]
    [InlineData(
        """{ "windows": [{ "from": "2030-01-01T00:00:00" }] }""", "audience", "enabled met it is switched on",
        "audience not_met 0 % of all", "windows not_looked_at ")]
    [InlineData("""{ "tenants": ["north"] }""", "all", "enabled met it is switched on", "audience met tenant north is named")]
    [InlineData("""{ "except": ["north"] }""", "audience", "enabled met it is switched on", "audience not_met tenant north is excepted")]
    [InlineData(
        """{ "percentage": 5, "percentage_of": "customers" }""", "audience", "enabled met it is switched on",
        "audience not_met 5 % of all are customers, and this is none")]
    public async Task Name_what_has_decided_and_what_was_not_looked_at(string terms, string decidedBy, params string[] conditions)
    {
        await Api.SetFlagAsync("why", terms);

        var answer = await ExplainAsync("WHY", "tenant=north");

        Assert.Equal(decidedBy, answer.GetProperty("decided_by").GetString());
        Assert.Equal(conditions, ConditionsOf(answer));
    }

    [Fact]
    public async Task Tell_where_a_draw_has_put_somebody()
    {
        await Api.SetFlagAsync("drawn", """{ "percentage": 1 }""");
        var percentile = (await ExplainAsync("drawn", "tenant=north")).GetProperty("percentile").GetDouble();
        var above = (await ExplainAsync("drawn", "tenant=north")).GetProperty("enabled").GetBoolean();
        await Api.SetFlagAsync("drawn", $$"""{ "percentage": {{Math.Min(100, Math.Ceiling(percentile + 0.1))}} }""");
        var below = (await ExplainAsync("drawn", "tenant=north")).GetProperty("enabled").GetBoolean();

        Assert.Equal((percentile < 1, true), (above, below));
    }

    [Theory]
    [InlineData("feature-flags/nowhere/explain?tenant=north", 404, null)]
    [InlineData("feature-flags/there/explain", 400, "tenant must be given")]
    [InlineData("feature-flags/there/explain?tenant=nobody", 400, "tenant must be the code of a tenant that is there")]
    [InlineData(
        "feature-flags/there/explain?tenant=north&customer=01987f3c-5b1e-7c9a-8d24-3f6b0a5e7c11", 400,
        "customer must be a customer of the tenant")]
    public async Task Are_refused_about_what_is_not_there(string path, int status, string? error)
    {
        await Api.SetFlagAsync("there", "{}");

        var answer = await Api.GetAsync(Api.Operator, path);

        Assert.Equal((status, error), (answer.Status, error is null ? null : answer.Errors.Single()));
    }

    [Fact]
    public async Task Are_for_the_operator_alone()
    {
        await Api.SetFlagAsync("there", "{}");

        Assert.Equal(403, (await Api.GetAsync(Api.Tenant, "feature-flags/there/explain?tenant=north")).Status);
    }

    async Task<JsonElement> ExplainAsync(string flag, string query)
    {
        var answer = await Api.GetAsync(Api.Operator, $"feature-flags/{flag}/explain?{query}");
        Assert.True(answer.Status == 200, answer.Body);
        return answer.Read();
    }

    static IEnumerable<string> ConditionsOf(JsonElement answer)
        => answer.GetProperty("conditions").EnumerateArray().Select(condition
            => $"{condition.GetProperty("condition").GetString()} {condition.GetProperty("outcome").GetString()} "
                + (condition.TryGetProperty("why", out var why) ? why.GetString() : ""));
}
