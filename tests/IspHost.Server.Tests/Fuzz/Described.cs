using System.Text.Json.Nodes;

namespace IspHost.Server.Tests.Fuzz;

/// <summary>The API as its document describes it.</summary>
sealed class Described(JsonObject document)
{
    public string? Version => (string?)document["info"]!["version"];

    public IReadOnlyList<Operation> Operations { get; } =
        [.. from path in document["paths"]!.AsObject()
            from operation in path.Value!.AsObject()
            select new Operation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject())];

    /// <summary>What a reference leads to, or the thing itself.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        var found = node.AsObject();
        while ((string?)found["$ref"] is { } reference)
            found = reference.Split('/')[1..].Aggregate((JsonNode)document, (at, name) => at[name]!).AsObject();
        return found;
    }

    /// <summary>What an answer says that the document does not; null if nothing.</summary>
    public string? Contradiction(Operation operation, int status, string? contentType, string body)
    {
        if (operation.Node["responses"]![$"{status}"] is not { } described)
            return $"status {status} is not described";
        var content = Resolve(described)["content"] as JsonObject;
        if (body.Length == 0)
            return content is null || status is 200 or 201 ? null : $"status {status} has no body";
        if (content is null || contentType is null || content[contentType] is not { } media)
            return $"status {status} comes as {contentType}";
        return contentType.EndsWith("json", StringComparison.Ordinal) ? Mismatch(media["schema"]!, JsonNode.Parse(body), "$") : null;
    }

    /// <summary>Where a value is not what the schema says.</summary>
    string? Mismatch(JsonNode schema, JsonNode? value, string path)
    {
        var expected = Resolve(schema);
        if (expected["type"] is { } type && !IsOf(type, value))
            return $"{path} is {value?.ToJsonString() ?? "null"} and should be {type.ToJsonString()}";
        if (expected["enum"] is JsonArray names && !names.Any(name => JsonNode.DeepEquals(name, value)))
            return $"{path} is {value?.ToJsonString()}, which is none of {names.ToJsonString()}";
        return value switch
        {
            JsonArray items when expected["items"] is { } item
                => items.Select((one, number) => Mismatch(item, one, $"{path}[{number}]")).FirstOrDefault(fault => fault is not null),
            JsonObject fields => OfFields(expected, fields, path),
            _ => null,
        };
    }

    string? OfFields(JsonObject schema, JsonObject fields, string path)
    {
        foreach (var name in (schema["required"] as JsonArray ?? []).Select(name => (string)name!))
        {
            if (!fields.ContainsKey(name))
                return $"{path} lacks {name}";
        }
        var known = schema["properties"] as JsonObject;
        foreach (var (name, value) in fields)
        {
            if (known?[name] is { } property && Mismatch(property, value, $"{path}.{name}") is { } fault)
                return fault;
            // A refusal may say more than all have in common.
            var isOpen = known is null || known.ContainsKey("type") || schema["additionalProperties"] is not null;
            if (!isOpen && !known!.ContainsKey(name))
                return $"{path} has {name}, which is not described";
        }
        return null;
    }

    static bool IsOf(JsonNode type, JsonNode? value)
        => type is JsonArray several ? several.Any(one => IsOf(one!, value)) : ((string)type!, value?.GetValueKind()) switch
        {
            ("null", null or System.Text.Json.JsonValueKind.Null) => true,
            ("string", System.Text.Json.JsonValueKind.String) => true,
            ("integer" or "number", System.Text.Json.JsonValueKind.Number) => true,
            ("boolean", System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => true,
            ("array", System.Text.Json.JsonValueKind.Array) => true,
            ("object", System.Text.Json.JsonValueKind.Object) => true,
            _ => false,
        };
}

/// <summary>A method of a path.</summary>
sealed record Operation(string Method, string Path, JsonObject Node)
{
    public IEnumerable<JsonObject> Parameters => (Node["parameters"] as JsonArray ?? []).Select(parameter => parameter!.AsObject());

    public JsonObject? Body => Node["requestBody"]?["content"] as JsonObject;

    public override string ToString() => $"{Method} {Path}";
}
