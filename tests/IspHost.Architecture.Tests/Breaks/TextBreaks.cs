using IspHost.Architecture.Tests.Rules;
using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Breaks;

static class TextBreaks
{
    public static IReadOnlyList<Break> All { get; } =
    [
        new(Texts.Links, Page("[Gone](gone.md)"), "docs/README.md:1 links to gone.md"),
        new(Texts.Links, Page("\n[Gone](plugin-authors/tax.md#gone)"), "docs/README.md:2 links to plugin-authors/tax.md#gone"),
        new(Texts.Links, Page("[Here](#nowhere)"), "docs/README.md:1 links to #nowhere"),
        new(Texts.Links, Page("[Out](../../secret.md)"), "docs/README.md:1 links to ../../secret.md"),
        // The words are put together here, so that this file keeps the rule.
        new(Texts.Hosts, Page("https://api." + "nuget" + ".org/v3/index.json"), "docs/README.md:1 says 'nuget" + ".org'"),
        new(Texts.Workplace, Page("\nSee /wo" + "rk/main."), "docs/README.md:2 says ' /wo" + "rk/'"),
        new(Texts.Workplace, Page("Written in an AI ses" + "sion."), "docs/README.md:1 says 'AI ses" + "sion'"),
    ];

    static Tree Page(string text) => SmallTree.InOrder.With("docs/README.md", text);
}
