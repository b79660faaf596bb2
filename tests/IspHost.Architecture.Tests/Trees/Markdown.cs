using System.Text;
using System.Text.RegularExpressions;

namespace IspHost.Architecture.Tests.Trees;

/// <summary>What a page links to, and what can be linked to in it.</summary>
static partial class Markdown
{
    /// <summary>The targets of its links with their lines; code is skipped.</summary>
    public static IEnumerable<(int Line, string Target)> Links(IReadOnlyList<string> lines)
        => from line in Prose(lines)
           from link in Link().Matches(CodeSpan().Replace(line.Text, ""))
           select (line.Number, link.Groups["target"].Value);

    /// <summary>The anchors that a reader's site makes of the headings: a second one of the same name gets a number.</summary>
    public static IReadOnlySet<string> Anchors(IReadOnlyList<string> lines)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, text) in Prose(lines).Where(line => Heading().IsMatch(line.Text)))
        {
            var anchor = AnchorOf(Heading().Match(text).Groups["text"].Value);
            for (var number = 0; !anchors.Add(number == 0 ? anchor : $"{anchor}-{number}");)
                number++;
        }
        return anchors;
    }

    static IEnumerable<(int Number, string Text)> Prose(IReadOnlyList<string> lines)
    {
        var isCode = false;
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            else if (!isCode)
                yield return (i + 1, lines[i]);
        }
    }

    static string AnchorOf(string heading)
    {
        var anchor = new StringBuilder();
        foreach (var c in LinkText().Replace(heading, "${text}").Trim().ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(c) || c is '-' or '_')
                anchor.Append(c);
            else if (c == ' ')
                anchor.Append('-');
        }
        return anchor.ToString();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)|^\s{0,3}\[[^\]]+\]:\s*(?<target>\S+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"^#{1,6}\s+(?<text>.+?)\s*#*$")]
    private static partial Regex Heading();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex CodeSpan();
}
