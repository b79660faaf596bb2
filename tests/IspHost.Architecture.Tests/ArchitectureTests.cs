using System.Reflection;
using IspHost.Architecture.Tests.Breaks;
using IspHost.Architecture.Tests.Rules;
using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests;

public sealed class ArchitectureTests
{
    static readonly Tree Repository = Tree.Read(Path.GetFullPath(typeof(ArchitectureTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Repository").Value!));

    public static TheoryData<string> Sentences => [.. Rule.All.Select(rule => rule.Sentence)];

    public static TheoryData<string> Offences => [.. Break.All.Select(example => example.Offence)];

    [Theory, MemberData(nameof(Sentences))]
    public void The_repository_keeps(string rule)
    {
        var offences = Rule.Named(rule).Offences(Repository).ToList();

        Assert.True(offences.Count == 0, string.Join(Environment.NewLine, offences.Prepend(rule)));
    }

    [Theory, MemberData(nameof(Sentences))]
    public void A_tree_in_order_keeps(string rule) => Assert.Empty(Rule.Named(rule).Offences(SmallTree.InOrder));

    [Theory, MemberData(nameof(Offences))]
    public void A_break_is_found_and_named(string offence)
    {
        var example = Break.Named(offence);

        Assert.Equal([offence], Rule.Named(example.Rule).Offences(example.Tree));
    }

    [Theory, MemberData(nameof(Sentences))]
    public void A_rule_has_been_seen_to_fail(string rule) => Assert.Contains(Break.All, example => example.Rule == rule);
}
