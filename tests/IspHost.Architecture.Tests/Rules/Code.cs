using IspHost.Architecture.Tests.Trees;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>The hard limits of docs/style.md on C#.</summary>
static class Code
{
    public const string Files = "No source file has more than 400 lines.";
    public const string Columns = "No line of C# has more than 140 columns.";
    public const string Methods = "No method has more than 70 lines.";
    public const string Names = "No type is named for what it is in a framework instead of what it is to an ISP.";
    public const string Constructs = "No source uses regions, switches nullability off, or has an async void.";

    const int MostLines = 400;
    const int MostColumns = 140;
    const int MostMethodLines = 70;

    static readonly string[] EmptyWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Dto", "Impl", "Service", "Base"];

    public static IReadOnlyList<Rule> Rules { get; } =
        [new(Files, LongFiles), new(Columns, LongLines), new(Methods, LongMethods), new(Names, EmptyNames), new(Constructs, Unwanted)];

    static IEnumerable<string> LongFiles(Tree tree)
        => tree.Sources.Where(source => source.Lines.Count > MostLines).Select(source => $"{source.Path} has {source.Lines.Count} lines");

    static IEnumerable<string> LongLines(Tree tree)
        => from source in tree.Sources
           from line in source.Lines.Index()
           where line.Item.Length > MostColumns
           select $"{source.Path}:{line.Index + 1} has {line.Item.Length} columns";

    static IEnumerable<string> LongMethods(Tree tree)
        => from source in tree.Sources
           from method in source.All<BaseMethodDeclarationSyntax>()
           let lines = method.GetLocation().GetLineSpan() is var span ? span.EndLinePosition.Line - span.StartLinePosition.Line + 1 : 0
           where lines > MostMethodLines
           select $"{source.At(method)} has a method of {lines} lines";

    /// <summary>The bare word may be one of the domain's: a customer has services.</summary>
    static IEnumerable<string> EmptyNames(Tree tree)
        => from source in tree.Sources
           from type in source.All<BaseTypeDeclarationSyntax>()
           let name = type.Identifier.Text
           from word in EmptyWords
           where name.EndsWith(word, StringComparison.Ordinal) && (name.Length > word.Length || word is not ("Service" or "Base"))
           select $"{source.At(type)} declares {name}";

    static IEnumerable<string> Unwanted(Tree tree)
        => from source in tree.Sources
           from node in source.All<SyntaxNode>()
           let what = NameOf(node)
           where what is not null
           select $"{source.At(node)} has {what}";

    static string? NameOf(SyntaxNode node) => node switch
    {
        RegionDirectiveTriviaSyntax => "a region",
        NullableDirectiveTriviaSyntax { SettingToken.RawKind: (int)SyntaxKind.DisableKeyword } => "a #nullable disable",
        MethodDeclarationSyntax method when IsAsyncVoid(method.Modifiers, method.ReturnType) => "an async void",
        LocalFunctionStatementSyntax function when IsAsyncVoid(function.Modifiers, function.ReturnType) => "an async void",
        _ => null,
    };

    static bool IsAsyncVoid(SyntaxTokenList modifiers, TypeSyntax returns)
        => modifiers.Any(SyntaxKind.AsyncKeyword) && returns is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword };
}
