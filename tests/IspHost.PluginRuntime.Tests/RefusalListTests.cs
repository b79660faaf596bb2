using System.Text.RegularExpressions;

namespace IspHost.PluginRuntime.Tests;

public sealed partial class RefusalListTests
{
    [Fact]
    public void The_page_for_authors_has_every_refusal_as_the_code_says_it()
    {
        string[] expected =
            [.. PluginRefusal.All.Select(refusal => $"| {refusal.Code} | {refusal.Step} | {refusal.Rule} | {refusal.Remedy} |")];

        var shown = File.ReadLines(Path.Combine(Fixtures.PluginAuthors, "refusals.md"))
            .Where(line => line.StartsWith("| ISP", StringComparison.Ordinal));

        Assert.True(expected.SequenceEqual(shown), $"refusals.md should have these lines:\n{string.Join('\n', expected)}");
    }

    [Fact]
    public void Codes_are_given_once_and_in_order()
    {
        var codes = PluginRefusal.All.Select(refusal => refusal.Code).ToList();

        Assert.All(codes, code => Assert.Matches(Code(), code));
        Assert.Equal(codes.Order(StringComparer.Ordinal).Distinct(), codes);
    }

    [Fact]
    public void The_list_has_all_that_there_are()
        => Assert.Equal(
            typeof(PluginRefusal).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic
                | System.Reflection.BindingFlags.Public).Count(field => field.FieldType == typeof(PluginRefusal)),
            PluginRefusal.All.Count);

    [GeneratedRegex(@"^ISP1[0-9]{3}\z")]
    private static partial Regex Code();
}
