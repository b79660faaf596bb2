using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.ScriptWorker.Compile;

/// <summary>The compiler's own errors, with our code where one of our rules is the cause.</summary>
static class CompilerErrors
{
    public static Finding Of(Diagnostic error, Location where)
    {
        var text = error.GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        return error.Id switch
        {
            "CS0234" => SyntaxRules.At(where, Codes.Api, $"{Qualified(error)} is not available to scripts."),
            "CS0103" or "CS0246" when IsKnown(NodeAt(error))
                => SyntaxRules.At(where, Codes.Api, $"System.{NodeAt(error)} is not available to scripts."),
            "CS8852" or "CS0200" => SyntaxRules.At(where, Codes.HostWrite, text),
            "CS0029" or "CS0266" when IsResult(error) => SyntaxRules.At(where, Codes.Result, "A script returns a decimal or a Charge."),
            "CS0161" => SyntaxRules.At(where, Codes.Result, "A script ends in the return of a decimal or a Charge, on every path."),
            _ => SyntaxRules.At(where, error.Id, text),
        };
    }

    /// <summary>Names of the base library that are in scope elsewhere, but not in what scripts are compiled against.</summary>
    static bool IsKnown(SyntaxNode? name) => name?.ToString() is "Console" or "Uri" or "UriBuilder" or "UriKind";

    /// <summary>The whole name, of which the compiler says only the last two parts.</summary>
    static string Qualified(Diagnostic error)
    {
        var node = NodeAt(error);
        while (node?.Parent is QualifiedNameSyntax or MemberAccessExpressionSyntax)
            node = node.Parent;
        return node?.ToString() ?? "The name";
    }

    static bool IsResult(Diagnostic error)
        => NodeAt(error)?.FirstAncestorOrSelf<ReturnStatementSyntax>() is { } statement
            && !statement.Ancestors().Any(IsFunction);

    static bool IsFunction(SyntaxNode node) => node is LocalFunctionStatementSyntax or BaseMethodDeclarationSyntax
        or AnonymousFunctionExpressionSyntax or AccessorDeclarationSyntax;

    static SyntaxNode? NodeAt(Diagnostic error)
        => error.Location.SourceTree?.GetRoot().FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
}
