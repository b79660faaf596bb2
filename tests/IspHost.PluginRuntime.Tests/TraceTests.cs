using System.Collections.Concurrent;
using System.Diagnostics;
using IspHost.Sdk.Taxes;

namespace IspHost.PluginRuntime.Tests;

public sealed class TraceTests
{
    [Fact]
    public async Task A_call_is_part_of_its_callers_trace_and_says_how_it_ended()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var calls = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is RuntimeTraces.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = calls.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").Start();
        var tax = host.Extensions.Get<ITaxEngine>("greets");

        await tax.QuoteAsync(Samples.Document("standard"), TestHost.Stop);
        await Assert.ThrowsAsync<ExtensionFailedException>(() => tax.QuoteAsync(Samples.Document("broken"), TestHost.Stop).AsTask());

        Assert.Equal(
            [ActivityStatusCode.Unset, ActivityStatusCode.Error],
            calls.Where(call => call.TraceId == caller.TraceId && call.DisplayName == "tax/greets").Select(call => call.Status));
        Assert.Equal("greets", calls.First(call => call.TraceId == caller.TraceId).GetTagItem("plugin"));
    }
}
