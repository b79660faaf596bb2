using IspHost.Testing;

namespace IspHost.Core.Tests.Web;

public sealed class A_database_that_is_away(PostgresFixture postgres)
{
    const string Ann = """{ "name": "Ann" }""";

    [Fact]
    public async Task Is_a_503_with_Retry_After_at_once_and_not_a_request_that_is_stuck()
    {
        await using var api = await Api.StartAsync(postgres);
        await api.Pulse.StartAsync(TestContext.Current.CancellationToken);
        api.Wire.IsSilent = true;
        while (!api.Pulse.IsAway)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        foreach (var key in (string?[])[null, "one"])
        {
            // Far less than what a statement may take.
            var answer = await Api.PostAsync(api.Tenant, "customers", Ann, key)
                .WaitAsync(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
            Assert.Equal((503, "/problems/database-unavailable", "1"), (answer.Status, answer.Type, answer.RetryAfter));
        }

        api.Wire.IsSilent = false;
        while (api.Pulse.IsAway)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(201, (await Api.PostAsync(api.Tenant, "customers", Ann, "one")).Status);
        await api.Pulse.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Ends_requests_that_wait_for_it_already()
    {
        await using var api = await Api.StartAsync(postgres);
        await api.Pulse.StartAsync(TestContext.Current.CancellationToken);
        api.Wire.IsSilent = true;
        Assert.False(api.Pulse.IsAway);

        // Far less than what a statement may take.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Api.PostAsync(api.Tenant, "customers", Ann, $"{i}")))
            .WaitAsync(TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken);

        Assert.All(
            answers, answer => Assert.Equal((503, "/problems/database-unavailable", "1"), (answer.Status, answer.Type, answer.RetryAfter)));
        await api.Pulse.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Is_asked_again_once_it_answers()
    {
        await using var api = await Api.StartAsync(postgres);
        await api.Pulse.StartAsync(TestContext.Current.CancellationToken);
        api.Wire.CutAt(1, isReplyLost: false);
        Assert.Equal(503, (await Api.PostAsync(api.Tenant, "customers", Ann)).Status);

        api.Wire.Mend();
        var answer = await Api.PostAsync(api.Tenant, "customers", Ann);
        while (answer.Status == 503)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            answer = await Api.PostAsync(api.Tenant, "customers", Ann);
        }

        Assert.Equal(201, answer.Status);
        await api.Pulse.StopAsync(CancellationToken.None);
    }
}
