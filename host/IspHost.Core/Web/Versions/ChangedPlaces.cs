using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IspHost.Core.Web.Contract;
using IspHost.Sdk.Web;
using NodaTime;

namespace IspHost.Core.Web.Versions;

/// <summary>Where in the JSON of a type parts stand whose form has changed with a version of the API.</summary>
/// <remarks>Like the shape of a body it may hold on to types of a plugin, and is held by the plugin's endpoint alone.</remarks>
sealed class ChangedPlaces
{
    readonly List<ApiChange> own;
    readonly Dictionary<string, ChangedPlaces> fields = new(StringComparer.Ordinal);
    ChangedPlaces? items;

    ChangedPlaces(IEnumerable<ApiChange> own) => this.own = [.. own.OrderBy(change => change.Since)];

    /// <summary>The places in the JSON of a type; null if there are none.</summary>
    public static ChangedPlaces? Of(JsonTypeInfo type, IReadOnlyCollection<ApiChange> changes)
        => changes.Count == 0 ? null : Of(type, changes, []);

    /// <summary>Makes the newest form of what was written for an older version.</summary>
    /// <param name="body">The JSON of the type.</param>
    /// <param name="version">The version that it was written for.</param>
    /// <param name="isPatch">Whether it is a patch.</param>
    /// <param name="faults">Where fields are added that the version does not have.</param>
    public void Upgrade(JsonNode? body, LocalDate version, bool isPatch, Faults faults) => Upgrade(body, version, isPatch, faults, "");

    /// <summary>Makes the form that an older version has.</summary>
    public void Downgrade(JsonNode? body, LocalDate version)
    {
        foreach (var item in items is null || body is not JsonArray array ? [] : array)
            items!.Downgrade(item, version);
        if (body is not JsonObject record)
            return;
        foreach (var (name, inner) in fields)
            inner.Downgrade(record[name], version);
        foreach (var change in own.Where(change => change.Since > version).Reverse())
            change.Downgrade(record);
    }

    /// <summary>How a version calls the field at a path.</summary>
    public string NameBefore(string path, LocalDate version)
    {
        var end = path.IndexOfAny(['.', '[']) is > 0 and var at ? at : path.Length;
        if (path.StartsWith('['))
            return items is null ? path : $"{path[..(path.IndexOf(']') + 1)]}{Rest(items, path[(path.IndexOf(']') + 1)..])}";
        var name = path[..end];
        var before = own.Where(change => change.Since > version).Reverse().Aggregate(name, (field, change) => change.NameBefore(field));
        return before + (fields.TryGetValue(name, out var inner) ? Rest(inner, path[end..]) : path[end..]);

        string Rest(ChangedPlaces inner, string rest) => rest.Length == 0 ? rest
            : rest[0] == '.' ? $".{inner.NameBefore(rest[1..], version)}"
            : inner.NameBefore(rest, version);
    }

    static ChangedPlaces? Of(JsonTypeInfo type, IReadOnlyCollection<ApiChange> changes, HashSet<Type> within)
    {
        // A type that has itself as a part ends there: none has so far.
        if (ValueKind.Of(type.Type) is not null || !within.Add(type.Type))
            return null;
        var places = new ChangedPlaces(changes.Where(change => change.Type == type.Type));
        if (type.Kind is JsonTypeInfoKind.Enumerable)
            places.items = Of(type.Options.GetTypeInfo(type.ElementType!), changes, within);
        foreach (var property in type.Kind is JsonTypeInfoKind.Object ? type.Properties : [])
        {
            var inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (Of(type.Options.GetTypeInfo(inner), changes, within) is { } found)
                places.fields[property.Name] = found;
        }
        within.Remove(type.Type);
        return places.own.Count > 0 || places.items is not null || places.fields.Count > 0 ? places : null;
    }

    void Upgrade(JsonNode? body, LocalDate version, bool isPatch, Faults faults, string path)
    {
        if (items is not null && body is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
                items.Upgrade(array[i], version, isPatch: false, faults, $"{path}[{i}]");
        }
        if (body is not JsonObject record)
            return;
        foreach (var change in own.Where(change => change.Since > version))
        {
            foreach (var added in change.Added.Where(record.ContainsKey))
            {
                faults.Add(path.Length == 0 ? added : $"{path}.{added}", Spelling.Unknown(added, []));
                record.Remove(added);
            }
            change.Upgrade(record, isPatch);
        }
        foreach (var (name, inner) in fields)
            inner.Upgrade(record[name], version, isPatch, faults, path.Length == 0 ? name : $"{path}.{name}");
    }
}
