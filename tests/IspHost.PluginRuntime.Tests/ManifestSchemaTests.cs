using System.Text.Json.Nodes;
using Json.Schema;

namespace IspHost.PluginRuntime.Tests;

/// <summary>The published schema says what the reader does, as far as a schema can: not that a field is given twice.</summary>
public sealed class ManifestSchemaTests
{
    static readonly JsonSchema Schema = JsonSchema.FromFile(Path.Combine(Fixtures.PluginAuthors, "plugin.schema.json"));

    const string Good = """
        {
          "$schema": "plugin.schema.json", "id": "Nas.MikroTik", "name": "MikroTik", "version": "1.4.0-rc.1", "sdk": "[0.1,0.2)",
          "assembly": "Nas.MikroTik.dll", "entry": "IspHost.Plugins.Nas.MikroTik", "description": "Speaks RouterOS.", "schema": "mikrotik",
          "permissions": ["native"]
        }
        """;

    /// <summary>A field, its JSON, and whether it is in order.</summary>
    public static TheoryData<string, string, bool> Cases => new()
    {
        { "id", "\"Billing\"", true },
        { "id", "\"acme-tickets.v2\"", true },
        { "id", "\"../../etc\"", false },
        { "id", "\"Nas..MikroTik\"", false },
        { "id", "\"2fast\"", false },
        { "id", "\"Nas.MikroTik\\n\"", false },
        { "id", $"\"{new string('a', 64)}\"", true },
        { "id", $"\"{new string('a', 65)}\"", false },
        { "id", "7", false },
        { "id", "null", false },
        { "name", "\"Ταμείο 2\"", true },
        { "name", "\"\"", false },
        { "name", "\"  \"", false },
        { "name", "\"a\\tb\"", false },
        { "name", $"\"{new string('a', 501)}\"", false },
        { "version", "\"1.0.0\"", true },
        { "version", "\"1.0.0-alpha.1+build.7\"", true },
        { "version", "\"1.0\"", false },
        { "version", "\"1.0.0.0\"", false },
        { "version", "\"01.0.0\"", false },
        { "version", "\"latest\"", false },
        { "sdk", "\"0.1\"", true },
        { "sdk", "\"[0.1, 0.2)\"", true },
        { "sdk", "\"(,1.0]\"", true },
        { "sdk", "\"[0.2,\"", false },
        { "sdk", "\"newest\"", false },
        { "assembly", "\"A.dll\"", true },
        { "assembly", "\"../A.dll\"", false },
        { "assembly", "\"sub/A.dll\"", false },
        { "assembly", "\"A.exe\"", false },
        { "assembly", "\".dll\"", false },
        { "entry", "\"Plugin\"", true },
        { "entry", "\"Acme.Ταμείο\"", false },
        { "entry", "\"Acme.Plugin_Ω\"", true },
        { "entry", "\"A, B\"", false },
        { "entry", "\"A`1\"", false },
        { "description", "\"\"", false },
        { "schema", "\"acme_2\"", true },
        { "schema", "\"hosted\"", true },
        { "schema", "\"host\"", false },
        { "schema", "\"public\"", false },
        { "schema", "\"pg_toast\"", false },
        { "schema", "\"Acme\"", false },
        { "schema", "\"a234567890b234567890c234567890d234567890e\"", false },
        { "permissions", "[]", true },
        { "permissions", "[\"process\", \"net:outbound\"]", true },
        { "permissions", "[\"Process\"]", false },
        { "permissions", "[7]", false },
        { "permissions", "{}", false },
        { "permissions", $"[{string.Join(',', Enumerable.Repeat("\"a\"", 33))}]", false },
        { "tables", "[]", false },
    };

    public static TheoryData<string> Required => ["id", "name", "version", "sdk", "assembly", "entry"];

    [Theory, MemberData(nameof(Cases))]
    public void Reader_and_schema_agree_on_a_field(string field, string json, bool isGood)
    {
        var manifest = JsonNode.Parse(Good)!.AsObject();
        manifest[field] = JsonNode.Parse(json);

        Assert.Equal((isGood, isGood), (Reads(manifest), Fits(manifest)));
    }

    [Theory, MemberData(nameof(Required))]
    public void Reader_and_schema_agree_on_what_must_be_there(string field)
    {
        var manifest = JsonNode.Parse(Good)!.AsObject();
        manifest.Remove(field);

        Assert.Equal((false, false), (Reads(manifest), Fits(manifest)));
    }

    [Fact]
    public void Reader_and_schema_agree_on_what_may_be_left_out()
    {
        var manifest = JsonNode.Parse(Good)!.AsObject();
        foreach (var field in new[] { "$schema", "description", "schema", "permissions" })
            manifest.Remove(field);

        Assert.Equal((true, true), (Reads(manifest), Fits(manifest)));
    }

    static bool Reads(JsonObject manifest)
    {
        try
        {
            using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()));
            ManifestReader.Read("plugin.json", content);
            return true;
        }
        catch (PluginManifestException)
        {
            return false;
        }
    }

    static bool Fits(JsonObject manifest) => Schema.Evaluate(System.Text.Json.JsonSerializer.SerializeToElement(manifest)).IsValid;
}
