using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.Web;

/// <summary>A request that the framework cannot read: its exceptions are for developers, and this makes answers of them.</summary>
static partial class BadRequests
{
    public static ProblemHttpResult Explain(BadHttpRequestException cause)
    {
        if (cause.InnerException is JsonException json)
            return Problems.Fields(FieldsOf(json));
        if (cause.Message.Contains("no body was provided", StringComparison.Ordinal))
            return Problems.Field("body", "given");
        if (Missing().Match(cause.Message) is { Success: true } missing)
            return Problems.Field(missing.Groups["name"].Value, "given");
        if (Unreadable().Match(cause.Message) is { Success: true } unreadable)
            return Problems.Field(unreadable.Groups["name"].Value, "a value of its type");
        if (cause.StatusCode == StatusCodes.Status413PayloadTooLarge)
            return Problems.TooLarge(cause.Message);
        return TypedResults.Problem(
            cause.Message, statusCode: cause.StatusCode, title: "Invalid request", type: "/problems/malformed-request");
    }

    /// <summary>The path is that of the JSON reader, such as <c>$.price.recurring</c>, without its root.</summary>
    static List<(string Field, string Rule)> FieldsOf(JsonException cause)
    {
        var path = cause.Path is { Length: > 2 } there ? there[2..] : "";
        if (cause.Message.StartsWith(PlainText.Rule, StringComparison.Ordinal))
            return [(path, cause.Message[PlainText.Rule.Length..])];
        var missing = cause.Message.IndexOf("missing required properties", StringComparison.Ordinal);
        if (missing >= 0)
            return [.. Quoted().Matches(cause.Message[missing..]).Select(name => ($"{path}.{name.Value}".TrimStart('.'), "given"))];
        var line = cause.LineNumber is { } number ? $" (line {number + 1})" : "";
        return [(path.Length == 0 ? "body" : path, $"valid JSON of its type{line}")];
    }

    [GeneratedRegex("^Required parameter \"([^\"]* )?(?<name>[^\" ]+)\" was not provided")]
    private static partial Regex Missing();

    [GeneratedRegex("^Failed to bind parameter \"([^\"]* )?(?<name>[^\" ]+)\"")]
    private static partial Regex Unreadable();

    [GeneratedRegex("(?<=')[^' ,;]+(?=')")]
    private static partial Regex Quoted();
}
