using System.Text.Json;
using System.Text.RegularExpressions;
using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>Reads <c>plugin.json</c>. The file comes from outside: nothing in it is believed before it is checked.</summary>
sealed partial class ManifestReader
{
    public const string FileName = "plugin.json";

    const int MaxBytes = 64 * 1024;
    const int MaxText = 500;

    static readonly HashSet<string> Known =
        ["$schema", "id", "name", "version", "sdk", "assembly", "entry", "description", "schema", "permissions"];

    readonly string file;
    readonly Dictionary<string, JsonElement> fields = [];

    ManifestReader(string file) => this.file = file;

    public static PluginManifest Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            using var content = File.OpenRead(file);
            return Read(file, content);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PluginManifestException(file, "", "is missing");
        }
    }

    public static PluginManifest Read(string file, Stream content) => new ManifestReader(file).Read(content);

    PluginManifest Read(Stream content)
    {
        using var document = Parse(content);
        CollectFields(document.RootElement);
        return new PluginManifest
        {
            Id = Matching("id", IdPattern(), "must be words of letters and digits joined by dots or hyphens, at most 64 characters"),
            Name = Text("name"),
            Version = Version(),
            Sdk = Sdk(),
            Assembly = Matching("assembly", AssemblyPattern(), "must be the name of a .dll file beside the manifest, without a folder"),
            Entry = Matching("entry", EntryPattern(), "must be the full name of a class"),
            Description = fields.ContainsKey("description") ? Text("description") : "",
            Schema = fields.ContainsKey("schema") ? Matching("schema", IsSchema, SchemaRule) : null,
            Permissions = Permissions(),
        };
    }

    JsonDocument Parse(Stream content)
    {
        try
        {
            return content.Length <= MaxBytes
                ? JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 4 })
                : throw Broken("", $"is larger than {MaxBytes / 1024} KB");
        }
        catch (JsonException e)
        {
            throw Broken("", $"is not valid JSON of at most 4 levels (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1})");
        }
    }

    void CollectFields(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object)
            throw Broken("", "must hold one JSON object");

        foreach (var field in root.EnumerateObject())
        {
            if (!Known.Contains(field.Name))
                throw Broken(Shortened(field.Name), "is not a field of a manifest");
            if (!fields.TryAdd(field.Name, field.Value))
                throw Broken(field.Name, "is given twice");
        }
    }

    string Text(string field)
    {
        if (!fields.TryGetValue(field, out var value))
            throw Broken(field, "is missing");
        if (value.ValueKind is not JsonValueKind.String)
            throw Broken(field, "must be a string");

        var text = Unescaped(field, value);
        if (text.Length is 0 or > MaxText || string.IsNullOrWhiteSpace(text) || text.Any(char.IsControl))
            throw Broken(field, $"must have 1 to {MaxText} characters and no control characters");
        return text;
    }

    string Unescaped(string field, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Broken(field, "is not valid Unicode");
        }
    }

    string Matching(string field, Regex pattern, string rule) => Matching(field, pattern.IsMatch, rule);

    string Matching(string field, Func<string, bool> matches, string rule)
    {
        var text = Text(field);
        return matches(text) ? text : throw Broken(field, $"{rule}; it is \"{Shortened(text)}\"");
    }

    NuGetVersion Version()
    {
        var text = Text("version");
        return NuGetVersion.TryParseStrict(text, out var version)
            ? version
            : throw Broken("version", $"must be a semantic version such as 1.4.0; it is \"{Shortened(text)}\"");
    }

    VersionRange Sdk()
    {
        var text = Text("sdk");
        return VersionRange.TryParse(text, out var range)
            ? range
            : throw Broken("sdk", $"must be a range of versions such as [0.1,0.2); it is \"{Shortened(text)}\"");
    }

    string[] Permissions()
    {
        if (!fields.TryGetValue("permissions", out var value))
            return [];
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > 32)
            throw Broken("permissions", "must be an array of at most 32 strings");

        return [.. value.EnumerateArray().Select(Permission)];
    }

    string Permission(JsonElement value)
        => value.ValueKind is JsonValueKind.String && PermissionPattern().IsMatch(Unescaped("permissions", value))
            ? value.GetString()!
            : throw Broken("permissions", "must hold lower-case words joined by dots, colons or hyphens, at most 64 characters each");

    PluginManifestException Broken(string field, string rule) => new(file, field, rule);

    static string Shortened(string text)
        => new([.. text.Take(80).Select(c => char.IsControl(c) ? '?' : c), .. text.Length > 80 ? "..." : ""]);

    public const string SchemaRule = $"{SchemaScripts.NameRule}, and no system schema";

    public static bool IsSchema(string name) => SchemaScripts.IsName(name) && !SystemSchema().IsMatch(name);

    [GeneratedRegex(@"^(?=.{1,64}\z)[A-Za-z][A-Za-z0-9]*([.-][A-Za-z0-9]+)*\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"^(?=.{5,128}\z)[A-Za-z0-9_][A-Za-z0-9_.-]*\.dll\z")]
    private static partial Regex AssemblyPattern();

    [GeneratedRegex(@"^(?=.{1,256}\z)[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\z")]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"^(pg_.*|public|information_schema|host|orleans)\z")]
    private static partial Regex SystemSchema();

    [GeneratedRegex(@"^(?=.{1,64}\z)[a-z][a-z0-9]*([.:-][a-z0-9]+)*\z")]
    private static partial Regex PermissionPattern();
}
