using IspHost.Core.Tests.Web;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>In which form a feature is on.</summary>
public sealed class Variants_of_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    const string Two = """
        "variants": [
          { "name": "blue", "percentage": 30, "value": { "colour": "#00f", "steps": 3 } },
          { "name": "green", "percentage": 70, "groups": ["segment:business"] }
        ]
        """;

    Api Api => shared.Api;

    [Fact]
    public async Task Are_shared_out_by_percentage_with_what_is_said_of_each()
    {
        await Api.SetFlagAsync("colours", $$"""{ "percentage": 100, "percentage_of": "customers", {{Two}} }""");
        var answers = new List<(string? Variant, string? Value)>();
        for (var number = 0; number < 1_000; number++)
        {
            var answer = await Api.AskFlagAsync("colours", Api.Drawn(number));
            answers.Add((answer.Variant, answer.Value));
        }

        var byVariant = answers.CountBy(answer => answer).ToDictionary();

        Assert.Equal([("blue", """{"steps":3,"colour":"#00f"}"""), ("green", null)], byVariant.Keys.OrderBy(one => one.Variant));
        Assert.InRange(byVariant[("green", null)], 650, 750);
    }

    [Fact]
    public async Task Are_chosen_by_group_before_percentages()
    {
        await Api.SetFlagAsync("groups", $$"""{ "percentage": 100, "percentage_of": "customers", {{Two}} }""");

        for (var number = 0; number < 50; number++)
            Assert.Equal("green", (await Api.AskFlagAsync("groups", Api.Drawn(number, "segment:business"))).Variant);
        Assert.Equal(
            "group segment:business has it", (await Api.ExplainAsync("groups", Api.Drawn(1, "segment:business"))).Variant!.Why);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("""
        , "default_variant": "plain"
        """, "plain")]
    public async Task Beyond_their_percentages_are_the_default(string more, string? variant)
    {
        await Api.SetFlagAsync("rest", $$"""{ "percentage": 100, "variants": [{ "name": "plain" }] {{more}} }""");

        var answer = await Api.AskFlagAsync("rest", Api.North);

        Assert.Equal((true, variant), (answer.IsOn, answer.Variant));
    }

    [Fact]
    public async Task Of_a_flag_that_is_off_are_none()
    {
        await Api.SetFlagAsync("off", $$"""{ {{Two}} , "default_variant": "blue" }""");

        Assert.Equal(Sdk.Flags.FlagAnswer.Off, await Api.AskFlagAsync("off", Api.North));
    }

    /// <summary>As doubles they make 100.00000000000001, at which the library throws.</summary>
    [Fact]
    public async Task That_make_a_whole_leave_nobody_out()
    {
        await Api.SetFlagAsync("whole", """
            {
              "percentage": 100, "percentage_of": "customers",
              "variants": [
                { "name": "a", "percentage": 24.6 }, { "name": "b", "percentage": 39.7 }, { "name": "c", "percentage": 35.7 }
              ]
            }
            """);

        for (var number = 0; number < 200; number++)
            Assert.NotNull((await Api.AskFlagAsync("whole", Api.Drawn(number))).Variant);
    }

    [Fact]
    public async Task With_the_same_seed_fall_together_in_several_flags_and_else_do_not()
    {
        const string terms = """
            "percentage": 100, "percentage_of": "customers",
            "variants": [{ "name": "a", "percentage": 50 }, { "name": "b", "percentage": 50 }]
            """;
        await Api.SetFlagAsync("one", $$"""{ "seed": "spring", {{terms}} }""");
        await Api.SetFlagAsync("two", $$"""{ "seed": "spring", {{terms}} }""");
        await Api.SetFlagAsync("three", $$"""{ {{terms}} }""");

        var (one, two, three) = (await VariantsAsync("one"), await VariantsAsync("two"), await VariantsAsync("three"));

        Assert.Equal(one, two);
        Assert.NotEqual(one, three);

        async Task<string> VariantsAsync(string flag)
        {
            var variants = "";
            for (var number = 0; number < 60; number++)
                variants += (await Api.AskFlagAsync(flag, Api.Drawn(number))).Variant;
            return variants;
        }
    }

    [Fact]
    public async Task Are_explained_by_where_the_draw_lies()
    {
        await Api.SetFlagAsync("drawn", $$"""{ "percentage": 100, "percentage_of": "customers", {{Two}} }""");
        for (var number = 0; number < 100; number++)
        {
            var variant = (await Api.ExplainAsync("drawn", Api.Drawn(number))).Variant!;

            Assert.Equal(variant.Percentile < 30 ? "blue" : "green", variant.Name);
            Assert.EndsWith(variant.Name == "blue" ? "lies from 0 to 30" : "lies from 30 to 100", variant.Why, StringComparison.Ordinal);
        }
    }
}
