using IspHost.Core.Tests.Web;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>What a flag answers where one would guess otherwise: the table of docs/operators/flags.md, row by row.</summary>
public sealed class Surprises_of_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    const int Customers = 2_000;

    Api Api => shared.Api;

    [Fact]
    public async Task The_percentage_of_a_group_adds_to_that_of_all()
    {
        await Api.SetFlagAsync("added", """
            { "percentage": 50, "percentage_of": "customers", "groups": [{ "name": "plan:home", "percentage": 50 }] }
            """);

        Assert.InRange((await Api.WhoHasAsync("added", Customers, "plan:home")).Count, 1_420, 1_580);
    }

    [Fact]
    public async Task A_group_at_nothing_keeps_nobody_out_and_an_exception_does()
    {
        await Api.SetFlagAsync("zero", """{ "percentage": 100, "groups": [{ "name": "plan:home", "percentage": 0 }] }""");
        await Api.SetFlagAsync("excepted", """{ "percentage": 100, "except_groups": ["plan:home"] }""");

        Assert.True(await Api.IsOnAsync("zero", Api.Customer(1, "plan:home")));
        Assert.False(await Api.IsOnAsync("excepted", Api.Customer(1, "plan:home")));
    }

    [Fact]
    public async Task A_percentage_is_drawn_once_while_the_librarys_plain_filter_draws_anew()
    {
        await Api.SetFlagAsync("once", """{ "percentage": 50, "percentage_of": "customers" }""");
        var plain = new PercentageFilter();
        var half = new FeatureFilterEvaluationContext { Settings = new PercentageFilterSettings { Value = 50 } };
        var (ours, plains) = (new HashSet<bool>(), new HashSet<bool>());
        for (var i = 0; i < 200; i++)
        {
            ours.Add(await Api.IsOnAsync("once", Api.Customer(1)));
            plains.Add(await plain.EvaluateAsync(half));
        }

        Assert.Equal((1, 2), (ours.Count, plains.Count));
    }

    [Fact]
    public async Task A_flag_has_any_case_and_a_group_has_its_own()
    {
        await Api.SetFlagAsync("Cased", """{ "groups": [{ "name": "segment:business" }] }""");

        Assert.True(await Api.IsOnAsync("cASED", Api.Customer(1, "segment:business")));
        Assert.False(await Api.IsOnAsync("Cased", Api.Customer(1, "segment:Business")));
    }

    [Fact]
    public async Task A_filter_that_no_plugin_offers_turns_the_flag_off_even_for_those_who_are_named()
    {
        await Api.SetFlagAsync("lonely", """{ "tenants": ["north"], "filters": [{ "name": "nobodys" }] }""");

        Assert.False(await Api.IsOnAsync("lonely", Api.North));
    }

    [Fact]
    public async Task A_percentage_of_customers_has_nobody_who_is_none_but_at_a_hundred()
    {
        await Api.SetFlagAsync("most", """{ "percentage": 99.9, "percentage_of": "customers" }""");
        await Api.SetFlagAsync("every", """{ "percentage": 100, "percentage_of": "customers" }""");

        Assert.Equal((false, true), (await Api.IsOnAsync("most", Api.North), await Api.IsOnAsync("every", Api.North)));
    }

    [Fact]
    public async Task Two_flags_of_the_same_percentage_have_other_customers()
    {
        await Api.SetFlagAsync("first", """{ "percentage": 50, "percentage_of": "customers" }""");
        await Api.SetFlagAsync("second", """{ "percentage": 50, "percentage_of": "customers" }""");

        var both = (await Api.WhoHasAsync("first", Customers)).Intersect(await Api.WhoHasAsync("second", Customers));

        Assert.InRange(both.Count(), 420, 580);
    }

    [Fact]
    public async Task A_variant_that_grows_moves_those_behind_it_and_the_last_moves_nobody()
    {
        await SetAsync(20, 20);
        var before = await VariantsAsync();
        await SetAsync(20, 40);
        var lastGrew = await VariantsAsync();
        await SetAsync(40, 20);
        var firstGrew = await VariantsAsync();

        Assert.All(before.Zip(lastGrew), pair => Assert.True(pair.First is "-" || pair.First == pair.Second));
        Assert.Contains(before.Zip(firstGrew), pair => pair is ("b", "a"));

        Task SetAsync(int a, int b) => Api.SetFlagAsync("ab", $$"""
            {
              "percentage": 100, "percentage_of": "customers",
              "variants": [{ "name": "a", "percentage": {{a}} }, { "name": "b", "percentage": {{b}} }]
            }
            """);
        async Task<List<string>> VariantsAsync()
        {
            var variants = new List<string>();
            for (var number = 0; number < 300; number++)
                variants.Add((await Api.AskFlagAsync("ab", Api.Drawn(number))).Variant ?? "-");
            return variants;
        }
    }
}
