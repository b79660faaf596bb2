using System.Text.Json.Nodes;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using NodaTime;

namespace IspHost.Core.Web.Document;

/// <summary>What the document of an older version of the API has that is otherwise in the newest.</summary>
static class OlderForms
{
    /// <summary>When an operation ends, for the while that the document is put together.</summary>
    public const string EndsWith = "x-ends-with";

    /// <summary>The name of the operation that takes its place, for as long.</summary>
    public const string Successor = "x-successor";

    const string Versions = "x-versions";
    const string Changes = "x-changes";

    /// <summary>Adds to a part the older forms of its schemas, and what changed in words.</summary>
    /// <param name="part">The part, in the newest form.</param>
    /// <param name="changes">Those of the container.</param>
    /// <param name="nameOf">The name of the schema of a type.</param>
    public static void Add(JsonObject part, IReadOnlyList<ApiChange> changes, Func<Type, string> nameOf)
    {
        var schemas = part["components"]?["schemas"] as JsonObject ?? [];
        var older = new JsonObject();
        foreach (var version in ApiVersions.All.Where(version => version != ApiVersions.Newest))
        {
            var forms = new JsonObject();
            foreach (var ofType in changes.Where(change => change.Since > version).GroupBy(change => change.Type))
            {
                foreach (var name in (ReadOnlySpan<string>)[nameOf(ofType.Key), $"{nameOf(ofType.Key)}Patch"])
                {
                    if (schemas[name] is not JsonObject newest)
                        continue;
                    var form = newest.DeepClone().AsObject();
                    foreach (var change in ofType.OrderByDescending(change => change.Since))
                        change.Describe(form);
                    forms[name] = form;
                }
            }
            older[RequestedVersion.TextOf(version)] = forms;
        }
        part[Versions] = older;
        part[Changes] = new JsonArray([.. changes.Select(change => new JsonObject
        {
            ["since"] = RequestedVersion.TextOf(change.Since),
            ["description"] = change.Description,
        })]);
    }

    /// <summary>Adds those of another part.</summary>
    public static void Merge(JsonObject document, JsonObject part)
    {
        foreach (var (version, forms) in part[Versions] as JsonObject ?? [])
        {
            foreach (var (name, form) in forms!.AsObject())
                document[Versions]![version]!.AsObject().TryAdd(name, form!.DeepClone());
        }
        foreach (var change in part[Changes] as JsonArray ?? [])
            document[Changes]!.AsArray().Add(change!.DeepClone());
    }

    /// <summary>The changes that the parts have, the newest first: of forms, and operations that ended.</summary>
    public static IReadOnlyList<(LocalDate Since, string Description)> ChangesIn(JsonObject document)
        => [.. (document[Changes] as JsonArray ?? [])
            .Select(change => (Since: DateOf((string)change!["since"]!), Description: (string)change["description"]!))
            .Concat(EndsIn(document))
            .OrderByDescending(change => change.Since)];

    static IEnumerable<(LocalDate Since, string Description)> EndsIn(JsonObject document)
        => from path in document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           where operation.Value?[EndsWith] is not null
           select (DateOf((string)operation.Value![EndsWith]!),
               $"`{operation.Key.ToUpperInvariant()} {path.Key}` has ended: call `{operation.Value[Successor]}` instead.");

    /// <summary>Has the document be that of a version.</summary>
    public static void Take(JsonObject document, LocalDate version)
    {
        foreach (var (name, form) in document[Versions]?[RequestedVersion.TextOf(version)] as JsonObject ?? [])
            document["components"]!["schemas"]![name] = form!.DeepClone();
        document.Remove(Versions);
        document.Remove(Changes);
        var paths = document["paths"]!.AsObject();
        foreach (var (path, operations) in paths.ToList())
        {
            foreach (var (method, operation) in operations!.AsObject().ToList())
                Take(operations.AsObject(), method, operation as JsonObject ?? [], version);
            if (operations.AsObject().Count == 0)
                paths.Remove(path);
        }
    }

    static void Take(JsonObject operations, string method, JsonObject operation, LocalDate version)
    {
        if ((string?)operation[EndsWith] is not { } end)
            return;
        operation.Remove(EndsWith);
        operation.Remove(Successor);
        operation["deprecated"] = true;
        if (version >= DateOf(end))
            operations.Remove(method);
    }

    static LocalDate DateOf(string text) => NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;
}
