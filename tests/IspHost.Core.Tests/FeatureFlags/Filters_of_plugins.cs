using IspHost.Core.FeatureFlags;
using IspHost.Core.Tests.Web;
using IspHost.PluginRuntime;
using IspHost.Sdk.Flags;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>Conditions that a plugin judges: without its answer the flag is off, and explains why.</summary>
public sealed class Filters_of_plugins(PostgresFixture postgres) : IAsyncLifetime
{
    Api api = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => api = await Api.StartAsync(postgres);

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Are_asked_what_the_operator_wrote()
    {
        var asked = new List<FlagFilterRequest>();
        Offer("risk", request =>
        {
            asked.Add(request);
            return new FlagFilterAnswer { IsMet = request.Argument == "low", Reason = "the score is 7" };
        });
        await api.SetFlagAsync("judged", """{ "percentage": 100, "filters": [{ "name": "risk", "argument": "low" }] }""");

        Assert.True(await api.IsOnAsync("judged", api.Customer(1, "plan:home")));
        var request = Assert.Single(asked);
        Assert.Equal(("judged", "low", api.Id), (request.Flag, request.Argument, request.Tenant));
        Assert.Equal(["tenant:north", $"customer:{api.Customer(1).Customer}", "plan:home"], request.Groups);
        Assert.Equal("the score is 7", (await FindingAsync("judged", "filter:risk")).Why);
    }

    [Fact]
    public async Task That_are_absent_are_not_met()
    {
        await api.SetFlagAsync("absent", """{ "percentage": 100, "filters": [{ "name": "gone" }] }""");

        Assert.False(await api.IsOnAsync("absent", api.North));
        Assert.Equal(
            new FlagFinding("filter:gone", FlagOutcome.NotMet, "no plugin offers it"), await FindingAsync("absent", "filter:gone"));
    }

    [Fact]
    public async Task That_throw_are_not_met()
    {
        Offer("angry", _ => throw new InvalidOperationException("the scores are not there"));
        await api.SetFlagAsync("thrown", """{ "percentage": 100, "filters": [{ "name": "angry" }] }""");

        Assert.False(await api.IsOnAsync("thrown", api.North));
        Assert.Contains("the scores are not there", (await FindingAsync("thrown", "filter:angry")).Why!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_hang_are_not_met_after_a_second()
    {
        api.Services.GetRequiredService<PluginHost>().Offer<IFlagFilter>("stuck", new Hanging());
        await api.SetFlagAsync("hung", """{ "percentage": 100, "filters": [{ "name": "stuck" }] }""");

        Assert.False(await api.IsOnAsync("hung", api.North));
        Assert.Contains("did not answer within 1 s", (await FindingAsync("hung", "filter:stuck")).Why!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_not_asked_about_those_who_have_it_not_anyway()
    {
        Offer("never", _ => throw new InvalidOperationException("It was asked."));
        await api.SetFlagAsync("saved", """{ "percentage": 0, "filters": [{ "name": "never" }] }""");

        var explanation = await api.ExplainAsync("saved", api.North);

        Assert.Equal("audience", explanation.DecidedBy);
        Assert.Equal(new FlagFinding("filter:never", FlagOutcome.NotLookedAt, null), explanation.Conditions[^1]);
    }

    [Fact]
    public async Task Must_all_be_met()
    {
        Offer("yes", _ => new FlagFilterAnswer { IsMet = true });
        Offer("no", _ => new FlagFilterAnswer { IsMet = false });
        await api.SetFlagAsync("both", """{ "percentage": 100, "filters": [{ "name": "yes" }, { "name": "no" }] }""");

        Assert.Equal("filter:no", (await api.ExplainAsync("both", api.North)).DecidedBy);
    }

    void Offer(string name, Func<FlagFilterRequest, FlagFilterAnswer> judge)
        => api.Services.GetRequiredService<PluginHost>().Offer<IFlagFilter>(name, new Judge(judge));

    async Task<FlagFinding> FindingAsync(string flag, string condition)
        => (await api.ExplainAsync(flag, api.North)).Conditions.Single(finding => finding.Condition == condition);

    sealed class Judge(Func<FlagFilterRequest, FlagFilterAnswer> judge) : IFlagFilter
    {
        public ValueTask<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken cancellationToken)
            => ValueTask.FromResult(judge(request));
    }

    sealed class Hanging : IFlagFilter
    {
        public async ValueTask<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, Stop);
            return new FlagFilterAnswer { IsMet = true };
        }
    }
}
