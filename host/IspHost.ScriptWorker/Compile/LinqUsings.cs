using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.ScriptWorker.Compile;

/// <summary>A script that says <c>using System.Linq;</c> means the metered copy, which is in scope anyway.</summary>
static class LinqUsings
{
    public static SyntaxTree Replace(SyntaxTree tree)
    {
        var root = (CompilationUnitSyntax)tree.GetRoot();
        var linq = root.Usings.Where(IsLinq).ToList();
        if (linq.Count == 0)
            return tree;
        var without = root.RemoveNodes(linq, SyntaxRemoveOptions.KeepExteriorTrivia | SyntaxRemoveOptions.KeepEndOfLine)!;
        return tree.WithRootAndOptions(without, tree.Options);
    }

    static bool IsLinq(UsingDirectiveSyntax directive)
        => directive is { Alias: null, StaticKeyword.RawKind: 0, Name: { } name } && $"{name}" == "System.Linq";
}
