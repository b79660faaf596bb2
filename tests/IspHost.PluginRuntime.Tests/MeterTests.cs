using System.Diagnostics.Metrics;

namespace IspHost.PluginRuntime.Tests;

/// <summary>A listener hears the meters of the whole process, so nothing else may run beside its test.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class ListeningToAllMeters;

[Collection(typeof(ListeningToAllMeters))]
public sealed class MeterTests
{
    [Fact]
    public async Task A_plugin_whose_meters_are_collected_leaves_memory_and_is_not_asked_any_more()
    {
        await using var host = TestHost.Start();
        var seen = new List<int>();
        using var collector = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope is PluginMeters)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        collector.SetMeasurementEventCallback<int>((_, value, _, _) => seen.Add(value));
        collector.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        collector.RecordObservableInstruments();

        var report = await host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);
        collector.RecordObservableInstruments();

        Assert.True(report.Old.Unloaded);
        Assert.Equal([1, 2], seen);
    }
}
