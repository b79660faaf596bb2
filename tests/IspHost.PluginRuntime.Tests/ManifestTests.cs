namespace IspHost.PluginRuntime.Tests;

public sealed class ManifestTests
{
    const string Good = """
        {
          "id": "Nas.MikroTik", "name": "MikroTik", "version": "1.4.0-rc.1", "sdk": "[0.1,0.2)", "assembly": "Nas.MikroTik.dll",
          "entry": "IspHost.Plugins.Nas.MikroTik", "description": "Speaks RouterOS.", "schema": "mikrotik", "permissions": ["net:outbound"]
        }
        """;

    [Fact]
    public void A_good_manifest_is_read()
    {
        var manifest = Read(Good);

        Assert.Equal(("Nas.MikroTik", "MikroTik", "1.4.0-rc.1"), (manifest.Id, manifest.Name, manifest.Version.ToNormalizedString()));
        Assert.Equal(("mikrotik", "IspHost.Plugins.Nas.MikroTik"), (manifest.Schema, manifest.Entry));
        Assert.Equal(["net:outbound"], manifest.Permissions);
    }

    [Theory]
    [InlineData("\"Nas.MikroTik\"", "\"../../etc\"", "id")]
    [InlineData("\"Nas.MikroTik\"", "\"a\\u0000b\"", "id")]
    [InlineData("\"Nas.MikroTik\"", "\"\\ud800\"", "id")]
    [InlineData("\"Nas.MikroTik\"", "\"Nas.MikroTik\\n\"", "id")]
    [InlineData("\"Nas.MikroTik\"", "\"Nas..MikroTik\"", "id")]
    [InlineData("\"Nas.MikroTik\"", "7", "id")]
    [InlineData("\"Nas.MikroTik\"", "null", "id")]
    [InlineData("\"MikroTik\"", "\"\"", "name")]
    [InlineData("1.4.0-rc.1", "1.4", "version")]
    [InlineData("1.4.0-rc.1", "latest", "version")]
    [InlineData("[0.1,0.2)", "[0.2,", "sdk")]
    [InlineData("[0.1,0.2)", "newest", "sdk")]
    [InlineData("Nas.MikroTik.dll", "../Evil.dll", "assembly")]
    [InlineData("Nas.MikroTik.dll", "/tmp/Evil.dll", "assembly")]
    [InlineData("Nas.MikroTik.dll", "sub\\\\Evil.dll", "assembly")]
    [InlineData("Nas.MikroTik.dll", "Evil.exe", "assembly")]
    [InlineData("IspHost.Plugins.Nas.MikroTik", "A, B", "entry")]
    [InlineData("IspHost.Plugins.Nas.MikroTik", "A`1[[System.Object]]", "entry")]
    [InlineData("\"mikrotik\"", "\"host\"", "schema")]
    [InlineData("\"mikrotik\"", "\"pg_catalog\"", "schema")]
    [InlineData("\"mikrotik\"", "\"a234567890b234567890c234567890d234567890e\"", "schema")]
    [InlineData("\"mikrotik\"", "\"x; drop schema host\"", "schema")]
    [InlineData("\"net:outbound\"", "{}", "permissions")]
    [InlineData("\"schema\"", "\"id\"", "id")]
    [InlineData("\"schema\"", "\"scheme\"", "scheme")]
    public void A_field_that_breaks_a_rule_is_named(string part, string hostile, string field)
    {
        var broken = Assert.Throws<PluginManifestException>(() => Read(Good.Replace(part, hostile)));

        Assert.Equal(field, broken.Field);
        Assert.EndsWith("plugin.json", broken.File);
        Assert.DoesNotContain('\0', broken.Message);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("version")]
    [InlineData("sdk")]
    [InlineData("assembly")]
    [InlineData("entry")]
    public void A_field_that_is_missing_is_named(string field)
    {
        var without = System.Text.Json.Nodes.JsonNode.Parse(Good)!.AsObject();
        without.Remove(field);

        var broken = Assert.Throws<PluginManifestException>(() => Read(without.ToJsonString()));

        Assert.EndsWith($"plugin.json: \"{field}\" is missing.", broken.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"id\"")]
    [InlineData("{\"id\": ")]
    [InlineData("{\"permissions\": [[[[[[[[]]]]]]]]}")]
    public void A_file_that_is_no_manifest_is_refused_as_a_whole(string text)
        => Assert.Empty(Assert.Throws<PluginManifestException>(() => Read(text)).Field);

    [Fact]
    public void A_file_that_is_too_large_is_not_parsed()
        => Assert.Contains("is larger than 64 KB", Assert.Throws<PluginManifestException>(() => Read(new string('[', 70_000))).Message);

    [Fact]
    public void A_long_value_is_not_repeated_in_full()
    {
        var broken = Assert.Throws<PluginManifestException>(() => Read(Good.Replace("1.4.0-rc.1", new string('9', 400))));

        Assert.True(broken.Message.Length < 400);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_is_refused_under_the_folders_name()
    {
        using var package = new TestPackage();
        await using var host = TestHost.Start();

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(package.Folder, TestHost.Stop));

        Assert.Equal((Path.GetFileName(package.Folder), "manifest"), (refused.Plugin, refused.Step));
        Assert.Contains("plugin.json: is missing", refused.Message);
        Assert.Equal(PluginState.Failed, host.Status.Single().State);
    }

    static PluginManifest Read(string text)
    {
        using var package = new TestPackage().With("plugin.json", text);
        return ManifestReader.Read(package.Folder);
    }
}
