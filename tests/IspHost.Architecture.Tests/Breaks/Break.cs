using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Breaks;

/// <summary>A tree that breaks a rule in one place.</summary>
/// <param name="Rule">The sentence of the rule.</param>
/// <param name="Tree">The small tree with one thing wrong.</param>
/// <param name="Offence">What the rule says about it.</param>
sealed record Break(string Rule, Tree Tree, string Offence)
{
    public static IReadOnlyList<Break> All { get; } =
    [
        .. ReferenceBreaks.All, .. PlaceBreaks.All, .. CircleBreaks.All, .. ZoneBreaks.All, .. ExtensionPointBreaks.All,
        .. SolutionBreaks.All, .. CodeBreaks.All, .. SilenceBreaks.All, .. TextBreaks.All,
    ];

    public static Break Named(string offence) => All.Single(example => example.Offence == offence);
}
