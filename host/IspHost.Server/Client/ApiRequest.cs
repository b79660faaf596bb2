namespace IspHost.Server.Client;

/// <summary>A request to the API as its user words it.</summary>
/// <param name="Method">Such as <c>GET</c>.</param>
/// <param name="Path">Below <c>/api/v1/</c>, with the query.</param>
/// <param name="Headers">What else to send with it.</param>
/// <param name="Body">What to send, if anything.</param>
/// <param name="Key">By which the server knows the request when it comes again; null for one that may be repeated as it is.</param>
sealed record ApiRequest(
    HttpMethod Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, ApiBody? Body, string? Key)
{
    public const string KeyHeader = "Idempotency-Key";

    public HttpRequestMessage ToMessage()
    {
        // What looks like the address of another server is a path all the same: the operator's key goes to this one alone.
        var message = new HttpRequestMessage(Method, new Uri($"./{Path}", UriKind.Relative)) { Content = Body?.ToContent() };
        foreach (var (name, value) in Headers)
        {
            if (message.Headers.TryAddWithoutValidation(name, value))
                continue;
            // A header of the content, such as its type, takes the place of the one that was guessed.
            message.Content?.Headers.Remove(name);
            message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        if (Key is not null)
        {
            message.Headers.Remove(KeyHeader);
            message.Headers.Add(KeyHeader, Key);
        }
        return message;
    }

    /// <summary>The same for another part of a list.</summary>
    public ApiRequest At(string cursor)
    {
        var (path, query) = Path.Split('?', 2) is [var before, var after] ? (before, after) : (Path, "");
        var others = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => !pair.StartsWith("cursor=", StringComparison.Ordinal));
        return this with { Path = $"{path}?{string.Join('&', others.Append($"cursor={Uri.EscapeDataString(cursor)}"))}" };
    }

    /// <summary>Whether it may have been done, or could be done later: then it is worth sending again, with its key.</summary>
    public bool IsWorthRepeating(RequestException failure)
        => Key is not null && (int?)failure.Status is null or 408 or 409 or 429 or >= 500;
}

/// <param name="Content">What is sent, byte for byte.</param>
/// <param name="Type">Its media type.</param>
sealed record ApiBody(ReadOnlyMemory<byte> Content, string Type)
{
    public HttpContent ToContent() => new ReadOnlyMemoryContent(Content) { Headers = { { "Content-Type", Type } } };
}
