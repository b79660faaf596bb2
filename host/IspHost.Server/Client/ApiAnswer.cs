using System.Text.Json;

namespace IspHost.Server.Client;

/// <summary>What the server answered, byte for byte.</summary>
/// <param name="Type">Its media type; null without content.</param>
/// <param name="Content">As it came.</param>
/// <param name="Json">The same as JSON, if that is what it is.</param>
/// <param name="Refused">Why the request was not done; null if it was.</param>
sealed record ApiAnswer(string? Type, byte[] Content, JsonElement? Json, RequestException? Refused)
{
    public bool IsText => Type?.StartsWith("text/", StringComparison.Ordinal) == true;

    /// <exception cref="RequestException">The request was refused, or there is no answer.</exception>
    public static async Task<ApiAnswer> AskAsync(ApiClient api, ApiRequest request, CancellationToken cancellationToken)
    {
        var answer = await TryAsync(api, request, cancellationToken);
        return answer.Refused is { } refused ? throw refused : answer;
    }

    /// <exception cref="RequestException">There is no answer.</exception>
    public static async Task<ApiAnswer> TryAsync(ApiClient api, ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = request.ToMessage();
        using var response = await api.AskAsync(message, cancellationToken);
        var refused = response.IsSuccessStatusCode ? null : await RefusedAsync(response, cancellationToken);
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var type = content.Length == 0 ? null : response.Content.Headers.ContentType?.MediaType ?? "application/octet-stream";
        return new(type, content, IsJson(type) ? Parse(content) : null, refused);
    }

    static async Task<RequestException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var refusal = await Refusal.OfAsync(response, cancellationToken);
        var type = refusal.Type is null ? "" : $" [{(int)response.StatusCode} {refusal.Type}]";
        return new(response.StatusCode, refusal.Text + type, refusal.Fields);
    }

    static bool IsJson(string? type)
        => type is "application/json" || type?.EndsWith("+json", StringComparison.Ordinal) == true;

    /// <summary>What calls itself JSON and is none is shown as it is.</summary>
    static JsonElement? Parse(byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
