using System.Text.Json.Nodes;
using IspHost.Core.Web.Versions;
using NodaTime;

namespace IspHost.Core.Web.Document;

/// <summary>Puts the parts of the document together.</summary>
static class DocumentParts
{
    /// <summary>Adds what a plugin has: paths, schemas that are not there yet, and tags.</summary>
    public static void Add(JsonObject document, JsonObject part)
    {
        Merge(Inside(document, "paths"), Inside(part, "paths"));
        foreach (var kind in (ReadOnlySpan<string>)["schemas", "responses"])
            Merge(Inside(document, "components", kind), Inside(part, "components", kind));
        OlderForms.Merge(document, part);
        var tags = document["tags"] as JsonArray ?? [];
        foreach (var tag in (part["tags"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (!tags.OfType<JsonObject>().Any(known => (string?)known["name"] == (string?)tag["name"]))
                tags.Add(tag.DeepClone());
        }
        document["tags"] = tags;
    }

    /// <summary>Adds what stands once for all.</summary>
    /// <param name="document">All parts together, as those of a version.</param>
    /// <param name="version">Which version.</param>
    public static void Complete(JsonObject document, LocalDate version)
    {
        document["info"] = new JsonObject
        {
            ["title"] = "IspHost",
            ["version"] = RequestedVersion.TextOf(version),
            ["summary"] = "What an internet provider runs its business on.",
            ["description"] = Text,
            ["contact"] = new JsonObject { ["name"] = "Who operates this server" },
            ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
        };
        document["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The server that this came from." });
        var schemas = Inside(document, "components", "schemas");
        var read = SchemaUse.OfRequests(document);
        foreach (var (name, schema) in schemas)
            SchemaUse.Complete(schema!.AsObject(), isRead: read.Contains(name));
        schemas["Problem"] = Problem();
        SchemaUse.RemoveUnused(document);
    }

    const string Text =
        "Customers and contracts, access over RADIUS, usage, prices, invoices and the books behind them, for many providers.\n\n"
        + "A provider's key acts for that provider; a key of the operator names one in the header `Tenant`. Money is written with the "
        + "digits of its currency, as text; instants in UTC with `Z`; identities as UUIDs. A field that is not known is refused, and so "
        + "is a parameter: nothing is overlooked.\n\n"
        + "This is the version that `info.version` names. A request asks for one with the header `Api-Version`, or else for the one that "
        + "its key was made for; the answer names the version that it has in the same header. What will end is said so by the headers "
        + "`Deprecation`, `Sunset` and `Link`. All versions and their changes are listed at `/versions`.";

    static JsonObject Problem() => JsonNode.Parse("""
        {
          "type": "object",
          "description": "Why a request was refused (RFC 9457). Programs go by `type`; the other texts may change.",
          "required": ["type", "title", "status"],
          "properties": {
            "type": { "type": "string", "description": "Names the kind of refusal, and is the address of a page about it." },
            "title": { "type": "string", "description": "The kind in words." },
            "status": { "type": "integer", "description": "The status of the answer." },
            "detail": { "type": "string", "description": "What was wrong this time.", "x-ms-primary-error-message": true },
            "instance": { "type": "string", "description": "The address that was asked." },
            "errors": {
              "type": "object",
              "description": "What each field must be that breaks a rule, by its path.",
              "additionalProperties": { "type": "string" }
            },
            "trace_id": { "type": "string", "description": "By which the server's log knows the request." }
          }
        }
        """)!.AsObject();

    static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (!into.ContainsKey(name))
                into[name] = value?.DeepClone();
            else if (into[name] is JsonObject there && value is JsonObject more && name.StartsWith('/'))
                Merge(there, more);
        }
    }

    static JsonObject Inside(JsonObject document, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (document[name] is not JsonObject inner)
                document[name] = inner = [];
            document = inner;
        }
        return document;
    }
}
