using System.Diagnostics;
using System.Diagnostics.Metrics;
using IspHost.Core.Tests.Web;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>What traces and metrics tell of flags: not who asks.</summary>
public sealed class Watching_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    const string Terms = """
        "percentage": 100, "percentage_of": "customers", "variants": [{ "name": "a", "percentage": 100 }]
        """;

    Api Api => shared.Api;

    [Fact]
    public async Task Tells_a_trace_which_variant_who_got_without_saying_who()
    {
        await Api.SetFlagAsync("told", $$"""{ "telemetry": true, {{Terms}} }""");

        var happened = Assert.Single(await EventsAsync("told"));

        var tags = happened.Tags.ToDictionary(tag => tag.Key, tag => tag.Value?.ToString());
        Assert.Equal(
            ("told", "True", "a", "Percentile"),
            (tags["FeatureName"], tags["Enabled"], tags["Variant"], tags["VariantAssignmentReason"]));
        Assert.Matches("^[0-9a-f]{32}$", tags["TargetingId"]!);
        Assert.DoesNotContain(tags.Values, value => value!.Contains($"{Api.Customer(1).Customer}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tells_a_trace_of_who_asked_without_variants_as_well()
    {
        await Api.SetFlagAsync("plainly-told", """{ "telemetry": true }""");

        var happened = Assert.Single(await EventsAsync("plainly-told"));

        Assert.Contains(happened.Tags, tag => tag.Key == "TargetingId");
    }

    [Fact]
    public async Task Tells_a_trace_nothing_of_a_flag_that_does_not_ask_for_it()
    {
        await Api.SetFlagAsync("silent", $$"""{ {{Terms}} }""");

        Assert.Empty(await EventsAsync("silent"));
    }

    [Fact]
    public async Task Counts_answers_by_flag_and_not_by_tenant()
    {
        await Api.SetFlagAsync("Counted", """{ "percentage": 100, "percentage_of": "customers", "except_groups": ["plan:old"] }""");
        var counted = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "isphost.flags.evaluations")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var text = string.Join(" ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            lock (counted)
                counted.Add($"{value} {text}");
        });
        listener.Start();

        await Api.IsOnAsync("counted", Api.Customer(1));
        await Api.IsOnAsync("counted", Api.Customer(1, "plan:old"));
        await Api.IsOnAsync("absent-one", Api.North);

        lock (counted)
        {
            Assert.Superset(
                new HashSet<string> { "1 flag=Counted result=on", "1 flag=Counted result=off", "1 flag= result=absent" },
                counted.ToHashSet());
        }
    }

    async Task<List<ActivityEvent>> EventsAsync(string flag)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "IspHost.Tests.Flags",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("IspHost.Tests.Flags");
        using var trace = source.StartActivity("a request");
        await Api.IsOnAsync(flag, Api.Customer(1, "plan:home"));
        return [.. trace!.Events.Where(happened => happened.Tags.Any(tag => flag.Equals(tag.Value)))];
    }
}
