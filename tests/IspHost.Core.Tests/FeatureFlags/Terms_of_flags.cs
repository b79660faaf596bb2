using IspHost.Core.Tests.Web;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>What may be said of a flag, and what is refused by field.</summary>
public sealed class Terms_of_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    Api Api => shared.Api;

    [Theory]
    [InlineData("""{ "tenants": ["nobody"] }""", "tenants must be codes of tenants that are there, and 'nobody' is not")]
    [InlineData("""{ "except": ["nobody"] }""", "except must be codes of tenants that are there, and 'nobody' is not")]
    [InlineData(
        """{ "groups": [{ "name": "tenant:nobody" }] }""", "groups must be codes of tenants that are there, and 'nobody' is not")]
    [InlineData(
        """{ "variants": [{ "name": "a", "groups": ["tenant:nobody"] }] }""",
        "variants[0].groups must be codes of tenants that are there, and 'nobody' is not")]
    [InlineData("""{ "groups": [{ "name": "home" }] }""", "groups[0].name must be a kind and a value, such as plan:home")]
    [InlineData(
        """{ "groups": [{ "name": "plan:home" }, { "name": "plan:home" }] }""", "groups must be groups of which each is named once")]
    [InlineData("""{ "groups": [{ "name": "plan:home", "percentage": 101 }] }""", "groups[0].percentage must be a number, 0 to 100")]
    [InlineData("""{ "percentage": -1 }""", "percentage must be a number, 0 to 100")]
    [InlineData("""{ "percentage_of": "everybody" }""", "percentage_of must be one of tenants, customers")]
    [InlineData("""{ "customers": ["ann"] }""", "customers[0] must be a UUID")]
    [InlineData(
        """{ "variants": [{ "name": "a" }, { "name": "a" }] }""", "variants must be variants of which each has a name of its own")]
    [InlineData(
        """{ "variants": [{ "name": "a", "percentage": 60 }, { "name": "b", "percentage": 40.1 }] }""",
        "variants must be variants that make at most 100 % together")]
    [InlineData("""{ "default_variant": "a" }""", "default_variant must be the name of one of the variants")]
    [InlineData("""{ "variants": [{ "name": "a", "value": 7 }] }""", "variants[0].value must be an object")]
    [InlineData("""{ "filters": [{ "name": "Not A Name" }] }""",
        "filters[0].name must be lower-case letters, digits and hyphens, 1 to 64, beginning with a letter or digit")]
    [InlineData("""{ "windows": [{}] }""", "windows[0] must be a window with `from`, `until`, or both")]
    [InlineData(
        """{ "windows": [{ "from": "noon" }] }""", "windows[0].from must be a date and time of a clock, such as 2026-10-01T22:00:00")]
    [InlineData(
        """{ "windows": [{ "from": "2030-01-02T00:00:00", "until": "2030-01-01T00:00:00" }] }""",
        "windows[0].until must be later than `from`")]
    [InlineData(
        """{ "windows": [{ "from": "2030-01-02T00:00:00", "repeat": { "every": "day" } }] }""",
        "windows[0].repeat must be left out where `from` or `until` is")]
    [InlineData(
        """{ "windows": [{ "from": "2030-01-01T00:00:00", "until": "2030-01-01T01:00:00", "repeat": { "every": "week" } }] }""",
        "windows[0].repeat.days must be given with `week`, and with `week` alone")]
    [InlineData(
        """
        {
          "windows": [
            { "from": "2030-01-01T00:00:00", "until": "2030-01-01T01:00:00", "repeat": { "every": "week", "days": ["friday"] } }
          ]
        }
        """,
        "windows[0].from must be on one of `days`")]
    [InlineData(
        """{ "windows": [{ "from": "2030-01-01T00:00:00", "until": "2030-01-02T00:00:01", "repeat": { "every": "day" } }] }""",
        "windows[0].until must be no later than when the window opens again")]
    [InlineData(
        """
        {
          "windows": [
            { "from": "2030-01-01T00:00:00", "until": "2030-01-01T01:00:00", "repeat": { "every": "day", "last_day": "2029-12-31" } }
          ]
        }
        """,
        "windows[0].repeat.last_day must be no earlier than `from`")]
    public async Task With_a_fault_are_refused_by_field(string terms, string error)
        => Assert.Equal([error], (await Api.PutAsync(Api.Operator, "feature-flags/refused", terms)).Errors);

    [Fact]
    public async Task Are_bounded_in_number()
    {
        var terms = $$"""
            {
              "groups": [{{string.Join(", ", Enumerable.Range(0, 51).Select(i => $$"""{ "name": "plan:{{i}}" }"""))}}],
              "windows": [{{string.Join(", ", Enumerable.Repeat("""{ "from": "2030-01-01T00:00:00" }""", 11))}}],
              "filters": [{{string.Join(", ", Enumerable.Repeat("""{ "name": "x" }""", 6))}}],
              "variants": [{{string.Join(", ", Enumerable.Range(0, 11).Select(i => $$"""{ "name": "{{i}}" }"""))}}]
            }
            """;

        Assert.Equal(
            [
                "groups must be a list of at most 50", "windows must be a list of at most 10", "filters must be a list of at most 5",
                "variants must be a list of at most 10",
            ], (await Api.PutAsync(Api.Operator, "feature-flags/large", terms)).Errors);
    }

    [Fact]
    public async Task Are_bounded_in_what_a_variant_says()
    {
        var terms = $$"""{ "variants": [{ "name": "a", "value": { "text": "{{new string('x', 4_096)}}" } }] }""";

        Assert.Equal(
            ["variants[0].value must be at most 4096 characters of JSON"],
            (await Api.PutAsync(Api.Operator, "feature-flags/large", terms)).Errors);
    }

    [Fact]
    public async Task Come_back_as_they_were_said_and_change_only_as_they_were_seen()
    {
        const string path = "feature-flags/round";
        await Api.PutAsync(Api.Operator, path, """
            {
              "percentage": 12.5, "percentage_of": "customers", "groups": [{ "name": "tag:Big one", "percentage": 3 }],
              "windows": [{ "from": "2030-03-01T22:00:00", "until": "2030-03-02T06:00:00",
                "repeat": { "every": "week", "days": ["friday"], "times": 3 } }],
              "variants": [{ "name": "a", "percentage": 5, "value": { "n": 1 } }], "telemetry": true
            }
            """);
        var seen = await Api.GetAsync(Api.Operator, path);

        var same = await Api.AskAsync(
            Api.Operator, "PUT", path, seen.Read().GetProperty("terms").GetRawText(), ("If-Match", seen.Tag!));
        var changed = await Api.AskAsync(Api.Operator, "PUT", path, "{}", ("If-Match", same.Tag!));
        var late = await Api.AskAsync(Api.Operator, "PUT", path, "{}", ("If-Match", seen.Tag!));

        Assert.Equal(
            seen.Read().GetProperty("terms").GetRawText(), same.Read().GetProperty("terms").GetRawText());
        Assert.Equal((200, 200, 412), (same.Status, changed.Status, late.Status));
    }

    [Fact]
    public async Task Stand_in_the_operators_trail_as_they_were_before_and_after()
    {
        await Api.PutAsync(Api.Operator, "feature-flags/traced", """{ "percentage": 10 }""");
        await Api.PutAsync(Api.Operator, "feature-flags/TRACED", """{ "percentage": 20 }""");
        await Api.AskAsync(Api.Operator, "DELETE", "feature-flags/traced", null);

        var trail = (await Api.GetAsync(Api.Operator, "operator/audit?target=feature_flag/traced")).Read().GetProperty("items");

        Assert.Equal(
            ["20 to -", "10 to 20", "- to 10"],
            trail.EnumerateArray().Select(entry => entry.GetProperty("detail")).Select(detail
                => $"{PercentageOf(detail, "before")} to {PercentageOf(detail, "after")}"));

        static string PercentageOf(System.Text.Json.JsonElement detail, string side)
            => detail.TryGetProperty(side, out var terms) ? terms.GetProperty("percentage").GetRawText() : "-";
    }
}
