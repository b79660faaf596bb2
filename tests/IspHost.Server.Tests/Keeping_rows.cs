using System.Net;
using IspHost.Core.Retention;
using IspHost.Server.Client;

namespace IspHost.Server.Tests;

public sealed class Keeping_rows(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    ApiClient Api => server.Operator;

    [Fact]
    public async Task Is_for_as_long_as_the_operator_says_and_shorter_where_a_tenant_says_so()
    {
        var tenant = await server.AddTenantAsync();

        var changed = await Api.PutAsync<RetentionView>("retention/host.audit", null, new KeptDays(1000), Stop);
        Assert.Equal((1000, 365), (changed.Days, changed.LeastDays));
        var own = await Api.PutAsync<OwnRetentionView>("retention/own/host.audit", tenant, new KeptDays(400), Stop);
        Assert.Equal((400, 400), (own.Days, own.Own));
        Assert.Contains(own, await Api.ListAsync<OwnRetentionView>("retention/own", tenant, Stop));

        await Api.DeleteAsync("retention/own/host.audit", tenant, Stop);
        own = (await Api.ListAsync<OwnRetentionView>("retention/own", tenant, Stop)).Single(rule => rule.Subject == "host.audit");
        Assert.Equal((1000, null), (own.Days, own.Own));
        await Api.PutAsync<RetentionView>("retention/host.audit", null, new KeptDays(1096), Stop);
    }

    [Theory]
    [InlineData("retention/host.audit", false, 364)]
    [InlineData("retention/own/host.audit", true, 364)]
    [InlineData("retention/own/host.audit", true, 2000)]
    public async Task Is_never_shorter_than_the_least_nor_by_a_tenant_longer_than_by_the_operator(string path, bool isTenants, int days)
    {
        var refused = await Assert.ThrowsAsync<RequestException>(async () => await Api.PutAsync<object>(
            path, isTenants ? await server.AddTenantAsync() : null, new KeptDays(days), Stop));

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.StartsWith("days must be 365 to ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_for_every_table_that_the_plugins_brought_along_too()
        => Assert.Equal(
            [
                "billing.document", "host.audit", "host.delivery", "host.idempotency", "host.import", "host.job_run", "host.operator_audit",
                "host.outbox", "host.usage", "radius.session",
            ],
            (await Api.ListAsync<RetentionView>("retention", null, Stop)).Select(rule => rule.Subject));
}
