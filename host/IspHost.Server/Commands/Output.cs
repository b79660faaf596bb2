using System.CommandLine;
using System.Text.Json;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary>Answers: for people, or with <c>--json</c> for programs.</summary>
static class Output
{
    public static void Write(ParseResult parsed, object json, string text)
    {
        if (parsed.GetValue(CommonOptions.Json))
            WriteJson(json);
        else
            Console.WriteLine(text);
    }

    public static void WriteJson(object json) => Console.WriteLine(JsonSerializer.Serialize(json, ApiClient.Json));

    /// <summary>A table with its columns as wide as what stands in them.</summary>
    public static string Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Prepend(headings).ToList();
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToList();
        return string.Join(
            Environment.NewLine,
            all.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }
}
