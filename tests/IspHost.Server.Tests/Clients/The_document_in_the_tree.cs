using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using IspHost.Sdk.Web;
using NodaTime.Text;

namespace IspHost.Server.Tests.Clients;

/// <summary>The contract of the API changes only when somebody has read the change: clients are made from the files.</summary>
public sealed class The_document_in_the_tree(ServerFixture server)
{
    const string Accept = "ACCEPT_API";

    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Versions => [.. ApiVersions.All.Select(LocalDatePattern.Iso.Format)];

    [Theory, MemberData(nameof(Versions))]
    public async Task Is_what_a_server_with_its_own_plugins_serves(string version)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        var served = await client.GetStringAsync($"/openapi/{version}.json", TestContext.Current.CancellationToken);
        var seen = JsonNode.Parse(served)!.ToJsonString(Indented) + "\n";
        var file = SdkFolder.PathOf($"api/{version}.json");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            await File.WriteAllTextAsync(file, seen, TestContext.Current.CancellationToken);

        var reviewed = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : "{}";

        if (reviewed != seen)
            Assert.Fail($"""
                The API of version {version} is not what sdk/api/{version}.json says.
                {string.Join("\n", Differences(PartsOf(reviewed), PartsOf(seen)))}
                If that is meant: run this test with {Accept}=1, read the change of the file, and commit it.
                A minus breaks programs of integrators: it needs a new version of the API.
                """);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Says_of_each_list_and_of_nothing_else_what_it_is_a_list_of(string version)
    {
        var document = JsonNode.Parse(
            await File.ReadAllTextAsync(SdkFolder.PathOf($"api/{version}.json"), TestContext.Current.CancellationToken))!;

        Assert.Empty(Objects(document).Where(schema => schema["type"] is not null && IsList(schema) != schema.ContainsKey("items"))
            .Select(schema => schema.GetPath()));
    }

    /// <summary>Of a schema: <c>type</c> is a name, or several of which one is <c>null</c>.</summary>
    static bool IsList(JsonObject schema)
        => schema["type"] switch
        {
            JsonArray names => names.Any(name => (string?)name == "array"),
            JsonValue name => name.TryGetValue(out string? text) && text == "array",
            _ => false,
        };

    static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject one => one.SelectMany(part => Objects(part.Value)).Prepend(one),
        JsonArray some => some.SelectMany(Objects),
        _ => [],
    };

    [Fact]
    public void Has_no_file_of_a_version_that_there_is_not()
        => Assert.Equal(
            Versions.Select(version => $"{version.Data}.json"),
            Directory.EnumerateFiles(SdkFolder.PathOf("api"), "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal));

    static IEnumerable<string> Differences(Dictionary<string, string> old, Dictionary<string, string> now)
        => old.Keys.Except(now.Keys).Select(part => $"- {part}")
            .Concat(now.Keys.Except(old.Keys).Select(part => $"+ {part}"))
            .Concat(now.Keys.Where(part => old.TryGetValue(part, out var before) && before != now[part]).Select(part => $"~ {part}"))
            .DefaultIfEmpty("All of it is there, in another order.");

    /// <summary>Operations and shared parts, each with its text.</summary>
    static Dictionary<string, string> PartsOf(string text)
    {
        var document = JsonNode.Parse(text)!.AsObject();
        var operations =
            from path in Inside(document, "paths")
            from operation in path.Value!.AsObject()
            select (Name: $"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value);
        var shared =
            from kind in Inside(document, "components")
            from part in kind.Value!.AsObject()
            select (Name: $"{kind.Key} {part.Key}", part.Value);
        var rest = document.Where(part => part.Key is not ("paths" or "components")).Select(part => (Name: part.Key, part.Value));
        return operations.Concat(shared).Concat(rest).ToDictionary(part => part.Name, part => part.Value?.ToJsonString() ?? "null");
    }

    static JsonObject Inside(JsonObject document, string name) => document[name]?.AsObject() ?? [];
}
