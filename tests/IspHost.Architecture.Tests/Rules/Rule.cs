using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>A habit of this tree: a sentence, and what in a given tree breaks it.</summary>
sealed record Rule(string Sentence, Func<Tree, IEnumerable<string>> Offences)
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        .. References.Rules, .. Places.Rules, .. Circles.Rules, .. Zones.Rules, .. ExtensionPoints.Rules, .. SolutionFile.Rules,
        .. Code.Rules, .. Silence.Rules, .. Texts.Rules,
    ];

    public static Rule Named(string sentence) => All.Single(rule => rule.Sentence == sentence);
}
