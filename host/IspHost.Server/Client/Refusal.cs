using System.Text.Json;

namespace IspHost.Server.Client;

/// <summary>Why a server refused a request: what its problem document says, or its status if there is none.</summary>
/// <param name="Text">One line.</param>
/// <param name="Fields">A line for each field of <c>errors</c> that the text does not tell already.</param>
/// <param name="Type">Such as <c>/problems/not-found</c>; null if it is none of ours.</param>
sealed record Refusal(string Text, IReadOnlyList<string> Fields, string? Type)
{
    public static async Task<Refusal> OfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            return document.RootElement is { ValueKind: JsonValueKind.Object } problem
                ? Of(problem, status, isOurFault: (int)response.StatusCode >= 500)
                : new(status, [], null);
        }
        catch (JsonException)
        {
            return new(status, [], null);
        }
    }

    static Refusal Of(JsonElement problem, string status, bool isOurFault)
    {
        var text = OneLine(TextOf(problem, "detail") ?? status);
        // With it, whoever has the log finds what went wrong.
        if (isOurFault && TextOf(problem, "trace_id") is { } trace)
            text += $" (trace {trace})";
        var fields = problem.TryGetProperty("errors", out var errors) && errors.ValueKind is JsonValueKind.Object
            ? errors.EnumerateObject().SelectMany(error => Rules(error.Value).Select(rule => (error.Name, Rule: OneLine(rule))))
            : [];
        return new(
            text,
            [.. fields.Where(field => !IsTold(text, field.Name, field.Rule)).Select(field => $"{field.Name}: {field.Rule}")],
            TextOf(problem, "type") is { } type && type.StartsWith("/problems/", StringComparison.Ordinal) ? type : null);
    }

    static bool IsTold(string text, string field, string rule)
        => text.Contains($"{field} {rule}", StringComparison.Ordinal) || text.Contains($"{field}: {rule}", StringComparison.Ordinal);

    /// <summary>A field has broken one rule, or several.</summary>
    static IEnumerable<string> Rules(JsonElement rules) => rules.ValueKind switch
    {
        JsonValueKind.Array => rules.EnumerateArray().SelectMany(Rules),
        JsonValueKind.String => [rules.GetString()!],
        _ => [rules.GetRawText()],
    };

    static string? TextOf(JsonElement problem, string name)
        => problem.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
