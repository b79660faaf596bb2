using System.Text.Json;

namespace IspHost.Server.Client;

/// <summary>Reads a list to its end, page by page.</summary>
static class ApiPages
{
    /// <summary>The items of all pages.</summary>
    /// <exception cref="RequestException">A page was refused, or what came is no list.</exception>
    public static async Task<List<JsonElement>> ReadAsync(ApiClient api, ApiRequest request, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        for (string? before = null; ;)
        {
            var page = await PageAsync(api, request, cancellationToken);
            if (page.ValueKind is JsonValueKind.Array)
                return [.. page.EnumerateArray()];
            if (page.ValueKind is not JsonValueKind.Object || !page.TryGetProperty("items", out var part)
                || part.ValueKind is not JsonValueKind.Array)
                throw new RequestException(null, $"{request.Path} is no list: --all needs one.");
            items.AddRange(part.EnumerateArray());
            if (!page.TryGetProperty("next", out var next) || next.ValueKind is not JsonValueKind.String)
                return items;
            var cursor = next.GetString()!;
            if (cursor == before)
                throw new RequestException(null, $"{request.Path} has no end: the page after {cursor} is the same one.");
            (before, request) = (cursor, request.At(cursor));
        }
    }

    static async Task<JsonElement> PageAsync(ApiClient api, ApiRequest request, CancellationToken cancellationToken)
    {
        var answer = await ApiAnswer.AskAsync(api, request, cancellationToken);
        return answer.Json ?? throw new RequestException(null, $"{request.Path} is {answer.Type}: --all needs a list in JSON.");
    }
}
