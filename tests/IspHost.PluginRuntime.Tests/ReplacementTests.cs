using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.PluginRuntime.Tests;

public sealed class ReplacementTests
{
    [Fact]
    public async Task Fifteen_swaps_under_load_fail_no_call_and_leave_no_old_code()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(i => Task.Run(() => CallUntilAsync(host, i, done.Token))).ToArray();

        var reports = new List<ReplacementReport>();
        for (var i = 0; i < 15; i++)
            reports.Add(await host.ReplaceAsync("greets", i % 2 == 0 ? Fixtures.GreetsNext : Fixtures.Greets, TestHost.Stop));
        await done.CancelAsync();
        var calls = await Task.WhenAll(callers);

        Assert.All(calls, count => Assert.True(count > 100));
        Assert.All(reports, report => Assert.True(report.Old is { Drained: true, Unloaded: true }, report.ToString()));
        Assert.Equal(16, host.Status.Single().Current!.Number);
        Assert.Equal(0, host.Status.Single().LeakedContexts);
    }

    static async Task<int> CallUntilAsync(PluginHost host, int caller, CancellationToken done)
    {
        var count = 0;
        var nas = host.Extensions.Get<INasVendor>("greets");
        var tax = host.Extensions.Get<Sdk.Taxes.ITaxEngine>("greets");
        for (; !done.IsCancellationRequested; count++)
        {
            if (caller % 2 == 0)
                Assert.Single(nas.Authorize(Samples.Tenant, Samples.Profile, AccessMode.Full));
            else
                Assert.IsType<Sdk.Taxes.TaxQuote.Quoted>(await tax.QuoteAsync(Samples.Document("standard"), CancellationToken.None));
        }

        return count;
    }
}
