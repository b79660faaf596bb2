using System.Text.RegularExpressions;
using System.Xml.Linq;
using IspHost.Architecture.Tests.Trees;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>A warning is silenced by its number, as near as can be, with the reason beside it.</summary>
static partial class Silence
{
    public const string Projects = "A build file that silences warnings says why in a comment right above.";
    public const string Editor = "A diagnostic that .editorconfig switches off has its reason in a comment above.";
    public const string Sources = "A source that silences a warning names it and says why.";

    static readonly HashSet<string> Silencing = new(StringComparer.Ordinal) { "NoWarn", "WarningsNotAsErrors" };

    public static IReadOnlyList<Rule> Rules { get; } = [new(Projects, InProjects), new(Editor, InEditorConfig), new(Sources, InSources)];

    static IEnumerable<string> InProjects(Tree tree)
        => from path in tree.FilesEndingIn(".csproj", ".props", ".targets")
           from element in XDocument.Parse(tree.Text(path)).Descendants()
           where Silencing.Contains(element.Name.LocalName) && element.PreviousNode is not XComment
           select $"{path} sets {element.Name.LocalName} to {element.Value} without a reason";

    static IEnumerable<string> InEditorConfig(Tree tree)
    {
        if (!tree.HasFile(".editorconfig"))
            yield break;
        var lines = tree.Lines(".editorconfig");
        for (var i = 0; i < lines.Count; i++)
        {
            if (SwitchedOff().IsMatch(lines[i]) && !HasReason(lines, i))
                yield return $".editorconfig:{i + 1} has no reason";
        }
    }

    /// <summary>One comment may stand for the diagnostics that follow it without a gap.</summary>
    static bool HasReason(IReadOnlyList<string> lines, int at)
    {
        while (at > 0 && lines[at].StartsWith("dotnet_diagnostic.", StringComparison.Ordinal))
            at--;
        return lines[at].StartsWith('#');
    }

    static IEnumerable<string> InSources(Tree tree)
        => tree.Sources.SelectMany(source => Pragmas(source).Concat(Attributes(source)));

    static IEnumerable<string> Pragmas(Source source)
        => from pragma in source.All<PragmaWarningDirectiveTriviaSyntax>()
           where pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword)
           let codes = pragma.ErrorCodes.Count == 0 ? "everything" : pragma.ErrorCodes.ToString()
           where codes == "everything" || !IsExplained(source, Source.Line(pragma))
           select $"{source.At(pragma)} silences {codes} without a reason";

    static bool IsExplained(Source source, int line)
        => source.Lines[line].Contains("//", StringComparison.Ordinal)
            || (line > 0 && source.Lines[line - 1].TrimStart().StartsWith("//", StringComparison.Ordinal));

    static IEnumerable<string> Attributes(Source source)
        => from attribute in source.All<AttributeSyntax>()
           where attribute.Name.ToString().EndsWith("SuppressMessage", StringComparison.Ordinal)
           where attribute.ArgumentList?.Arguments.Any(argument => argument.NameEquals?.Name.Identifier.Text == "Justification") != true
           select $"{source.At(attribute)} has a SuppressMessage without a justification";

    [GeneratedRegex(@"^dotnet_diagnostic\.\w+\.severity\s*=\s*(none|silent)\b")]
    private static partial Regex SwitchedOff();
}
