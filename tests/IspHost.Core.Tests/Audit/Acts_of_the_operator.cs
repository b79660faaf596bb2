using IspHost.Core.Tests.Web;
using IspHost.Testing;

namespace IspHost.Core.Tests.Audit;

public sealed class Acts_of_the_operator(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_in_a_trail_of_their_own_newest_first_and_page_by_page()
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Operator, "tenants", """{ "code": "south", "currency": "EUR", "zone": "Europe/Athens" }""");
        await Api.PutAsync(api.Operator, "tenants/south/clock", """{ "now": "2030-01-01T00:00:00Z" }""");
        await Api.PutAsync(api.Operator, "feature-flags/portal", """{ "percentage": 50 }""");
        await api.Operator.DeleteAsync("feature-flags/portal", Stop);

        var first = await Api.GetAsync(api.Operator, "operator/audit?limit=3");
        var second = await Api.GetAsync(api.Operator, $"operator/audit?cursor={first.Read().GetProperty("next").GetString()}");

        Assert.Equal(["feature_flag.remove", "feature_flag.set", "tenant.set_clock"], ActionsOf(first));
        Assert.Equal(["tenant.create", "operator_key.create"], ActionsOf(second));
        Assert.Equal("tenant/south", second.Read().GetProperty("items")[0].GetProperty("object").GetString());
        Assert.StartsWith("key:", second.Read().GetProperty("items")[0].GetProperty("actor").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_change_nothing_leave_no_trace()
    {
        await using var api = await Api.StartAsync(postgres);

        await Api.PostAsync(api.Operator, "tenants", """{ "code": "north", "currency": "EUR", "zone": "Europe/Athens" }""");

        Assert.Equal(["operator_key.create"], ActionsOf(await Api.GetAsync(api.Operator, "operator/audit")));
    }

    [Fact]
    public async Task Are_not_for_tenants()
    {
        await using var api = await Api.StartAsync(postgres);

        Assert.Equal(403, (await Api.GetAsync(api.Tenant, "operator/audit")).Status);
    }

    static IEnumerable<string?> ActionsOf(Answer page)
        => page.Read().GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("action").GetString());
}
