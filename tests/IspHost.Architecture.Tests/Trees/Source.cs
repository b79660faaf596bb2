using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace IspHost.Architecture.Tests.Trees;

/// <summary>A C# file that somebody wrote.</summary>
sealed record Source(string Path, IReadOnlyList<string> Lines, SyntaxNode Root)
{
    static CSharpParseOptions Options { get; } = new(LanguageVersion.Latest, DocumentationMode.Parse);

    public static bool IsWrittenByHand(string path)
        => path.EndsWith(".cs", StringComparison.Ordinal)
            && !path.EndsWith(".g.cs", StringComparison.Ordinal)
            && !path.EndsWith(".generated.cs", StringComparison.Ordinal);

    public static Source Parse(string path, string text)
        => new(path, text.TrimEnd('\n').Split('\n'), CSharpSyntaxTree.ParseText(text, Options).GetRoot());

    /// <summary>The nodes of one kind, with what stands in directives and comments.</summary>
    public IEnumerable<TNode> All<TNode>() where TNode : SyntaxNode => Root.DescendantNodesAndSelf(descendIntoTrivia: true).OfType<TNode>();

    /// <summary>Where a node stands: path and line.</summary>
    public string At(SyntaxNode node) => $"{Path}:{Line(node) + 1}";

    public static int Line(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line;
}
