using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using IspHost.Core.FeatureFlags;
using IspHost.Server.Tests.Clients;

namespace IspHost.Server.Tests;

/// <summary>docs/operators/flags.md: what stands in it can be typed and sent as it stands.</summary>
public sealed partial class The_page_of_flags(ServerFixture server)
{
    static readonly string Page = File.ReadAllText(SdkFolder.PathOf("../docs/operators/flags.md"));

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<int> Terms => [.. Enumerable.Range(0, Blocks().Count(Page))];

    [Theory, MemberData(nameof(Terms))]
    public async Task Has_terms_that_are_taken(int number)
    {
        using var client = server.ClientOfOperator();
        using var body = new StringContent(Blocks().Matches(Page)[number].Groups["json"].Value, Encoding.UTF8, "application/json");

        using var answer = await client.PutAsync($"feature-flags/page-{number}", body, Stop);

        Assert.True(answer.StatusCode is HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Rolls_a_feature_out_as_it_says()
    {
        var tenant = await server.AddTenantAsync();
        var flag = $"page-{Guid.NewGuid():N}";
        var lines = Commands().Matches(Page).Select(line => line.Groups["command"].Value).Where(line => !line.Contains("explain")).ToList();

        foreach (var line in lines)
        {
            var typed = line.Replace("new-tariff", flag, StringComparison.Ordinal).Replace("acme", tenant, StringComparison.Ordinal);
            var words = Words().Matches(typed).Select(word => word.Value.Trim('\''));
            var (code, _, errors) = await ProgramUnderTest.RunAsync([.. words, "--data", server.Data]);
            Assert.True(code == 0, $"{line}: {errors}");
        }

        Assert.Equal(10, lines.Count);
        Assert.DoesNotContain(await server.Operator.ListAsync<FlagView>("feature-flags", null, Stop), known => known.Name == flag);
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^    isphost (?<command>flags .*)$", RegexOptions.Multiline)]
    private static partial Regex Commands();

    [GeneratedRegex("'[^']*'|[^ ]+")]
    private static partial Regex Words();
}
