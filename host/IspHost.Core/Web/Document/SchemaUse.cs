using System.Text.Json.Nodes;

namespace IspHost.Core.Web.Document;

/// <summary>What the schema of a request promises is not what that of an answer does.</summary>
static class SchemaUse
{
    const string Prefix = "#/components/schemas/";

    /// <summary>The names of the schemas that stand in bodies of requests, with their parts.</summary>
    public static IReadOnlySet<string> OfRequests(JsonObject document)
    {
        var schemas = document["components"]!["schemas"]!.AsObject();
        var found = new HashSet<string>();
        foreach (var (_, path) in document["paths"]!.AsObject())
        {
            foreach (var (_, operation) in path!.AsObject())
                Collect((operation as JsonObject)?["requestBody"], schemas, found);
        }
        return found;
    }

    /// <summary>
    /// A request may have nothing else than its fields. An answer always has those that are not null, leaves out the others, and may
    /// get more in time.
    /// </summary>
    public static void Complete(JsonObject schema, bool isRead)
    {
        if (schema["properties"] is not JsonObject properties)
            return;
        foreach (var (_, property) in properties)
            GiveRulesToItems(property!.AsObject());
        if (isRead)
        {
            schema["additionalProperties"] = false;
            return;
        }
        var always = new JsonArray();
        foreach (var name in properties.Select(property => property.Key).ToList())
        {
            if (!TryTakeNull(properties, name))
                always.Add(name);
        }
        if (always.Count > 0)
            schema["required"] = always;
    }

    /// <summary>
    /// A rule of text, and its example, are of each item of a list. They were written to the list, where they say nothing.
    /// </summary>
    static void GiveRulesToItems(JsonObject property)
    {
        if (property["items"] is not JsonObject items)
            return;
        foreach (var rule in (ReadOnlySpan<string>)["pattern", "minLength", "maxLength", "examples"])
        {
            if (property.Remove(rule, out var value))
                items[rule] = value;
        }
    }

    /// <summary>
    /// Removes what nothing refers to: schemas of which only a patch was made, refusals of operations that have ended.
    /// </summary>
    public static void RemoveUnused(JsonObject document)
    {
        var paths = document["paths"]!.ToJsonString();
        var refusals = document["components"]!["responses"]!.AsObject();
        foreach (var name in refusals.Select(refusal => refusal.Key).ToList())
        {
            if (!paths.Contains(Reference(name), StringComparison.Ordinal))
                refusals.Remove(name);
        }
        var schemas = document["components"]!["schemas"]!.AsObject();
        var used = new HashSet<string>();
        Collect(document["paths"], schemas, used);
        Collect(document["components"]!["responses"], schemas, used);
        foreach (var name in schemas.Select(schema => schema.Key).Where(name => !used.Contains(name)).ToList())
            schemas.Remove(name);
    }

    static string Reference(string refusal) => $"\"#/components/responses/{refusal}\"";

    /// <summary>Takes null out of what a property may be, if it is there.</summary>
    static bool TryTakeNull(JsonObject properties, string name)
    {
        var property = properties[name]!.AsObject();
        if (property["type"] is JsonArray types && types.FirstOrDefault(IsNull) is { } no)
        {
            types.Remove(no);
            if (types.Count == 1)
                property["type"] = types[0]!.DeepClone();
            return true;
        }
        if (property["oneOf"] is not JsonArray choices || choices.FirstOrDefault(choice => IsNull(choice?["type"])) is not { } none)
            return false;
        choices.Remove(none);
        if (choices is [JsonObject only])
        {
            property.Remove("oneOf");
            foreach (var (key, value) in only)
                property[key] = value?.DeepClone();
        }
        return true;
    }

    static bool IsNull(JsonNode? type) => type is JsonValue value && value.TryGetValue<string>(out var name) && name == "null";

    static void Collect(JsonNode? node, JsonObject schemas, HashSet<string> found)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                    Collect(item, schemas, found);
                break;
            case JsonObject parts:
                if (NameIn(parts) is { } name && found.Add(name))
                    Collect(schemas[name], schemas, found);
                foreach (var (_, part) in parts)
                    Collect(part, schemas, found);
                break;
        }
    }

    static string? NameIn(JsonObject reference)
        => reference["$ref"] is JsonValue value && (string?)value is { } address && address.StartsWith(Prefix, StringComparison.Ordinal)
            ? address[Prefix.Length..]
            : null;
}
