using IspHost.Core.FeatureFlags;
using IspHost.Core.Tests.Web;
using IspHost.Sdk.Flags;
using IspHost.Testing;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>Who has a feature: who is named, in a group, or among a percentage.</summary>
public sealed class Audiences_of_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    Api Api => shared.Api;

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{ "percentage": 100 }""", true)]
    [InlineData("""{ "percentage": 100, "enabled": false }""", false)]
    [InlineData("""{ "tenants": ["north"] }""", true)]
    [InlineData("""{ "percentage": 100, "except": ["north"] }""", false)]
    [InlineData("""{ "tenants": ["north"], "except": ["north"] }""", false)]
    [InlineData("""{ "groups": [{ "name": "tenant:north" }] }""", true)]
    [InlineData("""{ "groups": [{ "name": "plan:home" }] }""", true)]
    [InlineData("""{ "groups": [{ "name": "plan:office" }] }""", false)]
    [InlineData("""{ "tenants": ["north"], "except_groups": ["segment:business"] }""", false)]
    [InlineData("""{ "customers": ["00000005-0007-0007-0102-030405060708"] }""", true)]
    [InlineData("""{ "customers": ["00000006-0007-0007-0102-030405060708"] }""", false)]
    [InlineData("""{ "tenants": ["north"], "except_customers": ["00000005-0007-0007-0102-030405060708"] }""", false)]
    public async Task Are_named_or_excepted(string terms, bool isOn)
    {
        await Api.SetFlagAsync("audience", terms);

        Assert.Equal(isOn, await Api.IsOnAsync("AUDIENCE", Api.Customer(5, "plan:home", "segment:business")));
    }

    [Fact]
    public async Task Of_a_flag_that_is_not_there_are_nobody()
        => Assert.Equal(FlagAnswer.Off, await Api.AskFlagAsync("nowhere", Api.North));

    [Fact]
    public async Task Of_a_tenants_flag_that_another_tenant_claims_to_be_are_not_fooled()
    {
        await Api.SetFlagAsync("claimed", """{ "groups": [{ "name": "tenant:north" }] }""");
        var stranger = FlagSubject.Of(Sdk.TenantId.New()) with { Groups = ["tenant:north"] };

        Assert.False(await Api.IsOnAsync("claimed", stranger));
    }

    /// <summary>Steps of all sizes, on several flags: nobody who has it loses it because more get it.</summary>
    [Fact]
    public async Task Only_grow_with_their_percentage()
    {
        for (var flag = 0; flag < 3; flag++)
        {
            HashSet<int> before = [];
            foreach (var percentage in (double[])[0, 0.5, 1, 7, 7.25, 30, 50, 99.9, 100])
            {
                await Api.SetFlagAsync($"growing{flag}", $$"""
                    {
                      "percentage": {{Draw.Text(percentage)}}, "percentage_of": "customers",
                      "groups": [{ "name": "plan:home", "percentage": {{Draw.Text(percentage / 2)}} }]
                    }
                    """);
                var now = await Api.WhoHasAsync($"growing{flag}", 400, "plan:home");

                Assert.Superset(before, now);
                before = now;
            }
            Assert.Equal(400, before.Count);
        }
    }

    [Fact]
    public async Task Are_about_as_large_as_their_percentage_says()
    {
        await Api.SetFlagAsync("part", """{ "percentage": 20, "percentage_of": "customers" }""");

        Assert.InRange((await Api.WhoHasAsync("part", 4_000)).Count, 700, 900);
    }

    /// <summary>Written down once: whoever has a feature has it after each restart and update, on each node and machine.</summary>
    [Fact]
    public async Task Are_the_same_ones_for_ever()
    {
        await Api.SetFlagAsync("eternal", """{ "percentage": 25, "percentage_of": "customers" }""");

        Assert.Equal([5, 13, 15, 17, 23], (await Api.WhoHasAsync("eternal", 24)).Order());
    }

    [Fact]
    public async Task Of_a_percentage_of_tenants_have_all_customers_of_a_tenant_or_none()
    {
        await Api.SetFlagAsync("whole", """{ "percentage": 50 }""");

        var tenant = await Api.IsOnAsync("whole", FlagSubject.Of(FlagWorld.Eternal));

        Assert.Equal(tenant ? 200 : 0, (await Api.WhoHasAsync("whole", 200)).Count);
    }

    /// <summary>The library keeps its reasons to itself, so the explanation computes them anew: they must not differ once.</summary>
    [Theory]
    [InlineData("""{ "percentage": 30, "percentage_of": "customers" }""")]
    [InlineData("""{ "percentage": 20, "percentage_of": "customers", "groups": [{ "name": "plan:home", "percentage": 40 }] }""")]
    [InlineData("""{ "percentage": 50, "groups": [{ "name": "plan:home", "percentage": 50 }], "except_groups": ["plan:none"] }""")]
    public async Task Are_explained_as_they_are(string terms)
    {
        await Api.SetFlagAsync("explained", terms);
        for (var number = 0; number < 300; number++)
        {
            var explanation = await Api.ExplainAsync("explained", Api.Drawn(number, "plan:home"));

            Assert.Equal(await Api.IsOnAsync("explained", Api.Drawn(number, "plan:home")), explanation.Enabled);
            var why = explanation.Conditions.Single(condition => condition.Condition == "audience").Why!;
            Assert.True(why.Contains("among them", StringComparison.Ordinal) == explanation.Enabled, why);
        }
    }
}

/// <summary>A node that starts anew.</summary>
public sealed class Flags_after_a_restart(PostgresFixture postgres)
{
    [Fact]
    public async Task Are_on_for_the_same_customers()
    {
        const string terms = """
            {
              "percentage": 40, "percentage_of": "customers",
              "variants": [{ "name": "a", "percentage": 50 }, { "name": "b", "percentage": 50 }]
            }
            """;
        await using var first = await Api.StartAsync(postgres);
        await first.SetFlagAsync("kept", terms);
        var before = await AnswersAsync(first);

        await using var second = await Api.StartAsync(postgres);
        await second.SetFlagAsync("kept", terms);

        Assert.Equal(before, await AnswersAsync(second));

        async Task<List<string>> AnswersAsync(Api api)
        {
            var answers = new List<string>();
            for (var number = 0; number < 100; number++)
            {
                var answer = await api.AskFlagAsync("kept", api.Customer(number) with { Tenant = first.Id });
                answers.Add($"{number} {answer.IsOn} {answer.Variant}");
            }
            return answers;
        }
    }
}
