using System.Globalization;
using System.Text.Json.Nodes;

namespace IspHost.Server.Tests.Fuzz;

/// <summary>Makes requests from the document: such as it describes, and such as it does not.</summary>
/// <remarks>The same seed makes the same requests, but for the identities that were seen in answers.</remarks>
sealed class Guesses(Described described, Random random, IReadOnlyList<string> seen)
{
    static readonly string[] Odd =
    [
        "", " ", "\u0000", "a\u0000b", "\u0007", "\n", "-1", "0", "null", "true", "[]", "{}", "2026-13-45", "9999999999999999999999",
        "1e400", "00000000-0000-0000-0000-000000000000", "../..", "%", "'; --", "\"", "\u202e", "\ud83d\ude00", new('x', 1200),
    ];

    static readonly string[] OddJson =
    [
        "null", "0", "-1", "1.5", "99999999999999999999999999", "true", "\"\"", "\"\\u0000\"", "[]", "{}", "[null]", "[[[[]]]]", "\"3\"",
    ];

    /// <summary>A path with its query.</summary>
    public string PathOf(Operation operation)
    {
        var path = operation.Path;
        var query = new List<string>();
        foreach (var parameter in operation.Parameters)
        {
            var (name, place) = ((string)parameter["name"]!, (string)parameter["in"]!);
            var value = Once(8) ? Pick(Odd) : place is "path" && Once(2) && seen.Count > 0 ? Pick(seen) : Text(parameter["schema"]!);
            if (place is "path")
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(OfPath(value)), StringComparison.Ordinal);
            else if (place is "query" && (parameter["required"] is not null || Once(2)))
                query.Add($"{name}={Uri.EscapeDataString(value)}");
        }
        if (Once(10))
            query.Add($"{(Once(2) ? "limit" : "unknown")}={Uri.EscapeDataString(Pick(Odd))}");
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    /// <summary>The server itself refuses NUL in a path, before anything of ours is asked; and an empty piece is another path.</summary>
    static string OfPath(string value) => value.Replace("\0", "", StringComparison.Ordinal) is { Length: > 0 } plain ? plain : "x";

    /// <summary>The body, as text; null if the operation has none.</summary>
    public string? BodyOf(Operation operation)
    {
        if (operation.Body is not { } content || content["application/json"] is not { } media)
            return null;
        if (Once(40))
            return Pick(["", "{", "[", "nonsense", "\"", "{\"a\":1}}", "\u0000"]);
        var body = ValueOf(media["schema"]!, depth: 0);
        var text = body?.ToJsonString() ?? "null";
        if (body is not JsonObject fields || !Once(2))
            return text;
        Mutate(fields);
        return fields.ToJsonString();
    }

    void Mutate(JsonObject fields)
    {
        var inner = fields.Select(field => field.Value).OfType<JsonObject>().ToList();
        if (inner.Count > 0 && Once(2))
        {
            Mutate(Pick(inner));
            return;
        }
        var name = fields.Count > 0 ? Pick([.. fields.Select(field => field.Key)]) : "none";
        switch (random.Next(5))
        {
            case 0:
                fields.Remove(name);
                break;
            case 1:
                fields[$"{name}x"] = "unknown";
                break;
            case 2:
                fields[name] = Pick(Odd);
                break;
            default:
                fields[name] = JsonNode.Parse(Pick(OddJson));
                break;
        }
    }

    JsonNode? ValueOf(JsonNode schema, int depth)
    {
        var shape = described.Resolve(schema);
        if (shape["oneOf"] is JsonArray choices)
            return ValueOf(Pick([.. choices.Select(choice => choice!)]), depth);
        if (shape["enum"] is JsonArray names)
            return Pick([.. names.Select(name => name!)]).DeepClone();
        return TypeOf(shape) switch
        {
            "object" => Fields(shape, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => ValueOf(shape["items"]!, depth + 1))]),
            "integer" => Number(shape),
            "number" => random.NextDouble() * 100,
            "boolean" => Once(2),
            _ => Example(shape),
        };
    }

    static string? TypeOf(JsonObject schema)
        => schema["type"] is JsonArray several ? (string?)several.First(one => (string)one! != "null") : (string?)schema["type"];

    JsonObject Fields(JsonObject schema, int depth)
    {
        var required = (schema["required"] as JsonArray ?? []).Select(name => (string)name!).ToHashSet();
        var made = new JsonObject();
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (required.Contains(name) || (depth < 4 && Once(2)))
            {
                var isId = (string?)described.Resolve(property!)["format"] is "uuid";
                made[name] = isId && seen.Count > 0 ? Pick(seen) : ValueOf(property!, depth + 1);
            }
        }
        return made;
    }

    long Number(JsonObject schema)
    {
        var least = Bound(schema, "minimum") ?? 0;
        return random.NextInt64(least, Math.Max(least, Bound(schema, "maximum") ?? least + 1000) + 1);
    }

    static long? Bound(JsonObject schema, string name)
        => schema[name] is { } bound ? (long)double.Parse(bound.ToJsonString().Trim('"'), CultureInfo.InvariantCulture) : null;

    string Text(JsonNode schema) => ValueOf(schema, depth: 0)?.ToString() ?? "";

    /// <summary>Codes differ, so that not everything is there already.</summary>
    string Example(JsonObject schema)
    {
        var example = (string?)(schema["examples"] as JsonArray)?.FirstOrDefault() ?? "text";
        return example is "home" or "text" ? $"{example}{random.Next(200)}" : example;
    }

    public bool Once(int times) => random.Next(times) == 0;

    T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
