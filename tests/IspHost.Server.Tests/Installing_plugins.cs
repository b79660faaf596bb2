using System.Text.Json;
using IspHost.Core.Plugins;
using IspHost.PluginRuntime;
using IspHost.Testing;

namespace IspHost.Server.Tests;

/// <summary>A publisher who is known to a server, and packages of theirs.</summary>
[TakesLong]
public sealed class Installing_plugins(PostgresFixture postgres) : IAsyncLifetime
{
    readonly string folder = Directory.CreateTempSubdirectory("isphost-installing-").FullName;
    string connection = "";
    ServerProcess server = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string Data => Path.Combine(folder, "data");

    string Key => Path.Combine(folder, "key.pem");

    public async ValueTask InitializeAsync()
    {
        connection = await postgres.CreateEmptyAsync();
        server = await ServerProcess.StartAsync(Data, connection);
        await DoAsync("plugins", "keygen", Key);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Takes_what_a_known_publisher_signed_from_its_first_version_to_its_removal()
    {
        var (first, second) = (PackedSample.Copy(folder, "HelloTax", "0.1.0"), await SignedAsync("0.2.0"));
        await DoAsync("plugins", "sign", first, "--key", Key);
        var unsigned = PackedSample.Copy(folder, "Other", "0.1.0");

        Assert.Contains("ISP1201", await RefusedAsync("install", unsigned), StringComparison.Ordinal);
        Assert.Contains("ISP1203", await RefusedAsync("install", first), StringComparison.Ordinal);
        await DoAsync("publishers", "add", "Example", "--key", Path.ChangeExtension(Key, ".pub.pem"));
        Assert.Contains("signed by Example", await DoAsync("plugins", "verify", first), StringComparison.Ordinal);
        Assert.Equal("HelloTax 0.1.0 is installed.", (await DoAsync("plugins", "install", first)).Trim());
        Assert.Equal("HelloTax 0.2.0 is installed.", (await DoAsync("plugins", "install", second)).Trim());
        Assert.Equal("0.2.0", await VersionAsync());
        Assert.Contains("ISP1208", await RefusedAsync("install", first), StringComparison.Ordinal);
        Assert.Equal("0.2.0", await VersionAsync());
        await DoAsync("plugins", "install", first, "--allow-downgrade");
        Assert.Equal("0.1.0", await VersionAsync());

        await server.DisposeAsync();
        server = await ServerProcess.StartAsync(Data, connection);
        Assert.Equal("0.1.0", await VersionAsync());

        await DoAsync("plugins", "remove", "HelloTax");
        var packages = await server.Operator.ListAsync<PackageView>("plugins/packages", null, Stop);
        Assert.Equal(
            [("0.1.0", PackageState.Removed), ("0.2.0", PackageState.Replaced)],
            packages.Select(package => (package.Version, package.State)).Order());
        var trail = await server.Operator.GetAsync<JsonElement>("operator/audit?target=package&limit=1", null, Stop);
        Assert.Equal("package.upload.done", trail.GetProperty("items")[0].GetProperty("action").GetString());
    }

    [Fact]
    public async Task Loads_nothing_at_a_start_that_a_revoked_key_signed()
    {
        var added = await server.Operator.PostAsync<PublisherView>("publishers", null, new NewPublisher(
            "Example", await File.ReadAllTextAsync(Path.ChangeExtension(Key, ".pub.pem"), Stop), PublisherTier.Trusted), Stop);
        await DoAsync("plugins", "install", await SignedAsync("0.1.0"));

        await DoAsync("publishers", "revoke", added.Fingerprint);
        await server.DisposeAsync();
        server = await ServerProcess.StartAsync(Data, connection);

        Assert.Null(await VersionAsync());
        Assert.Contains("ISP1204", await DoAsync("plugins", "list"), StringComparison.Ordinal);
        Assert.Contains("ISP1204", await RefusedAsync("install", await SignedAsync("0.2.0")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_the_servers_own_plugins_to_its_makers()
    {
        await DoAsync("publishers", "add", "Example", "--key", Path.ChangeExtension(Key, ".pub.pem"));
        var package = PackedSample.Copy(folder, "Tax.Vat", "9.0.0");
        PackageSignature.Sign(package, await File.ReadAllTextAsync(Key, Stop));

        Assert.Contains("ISP1207", await RefusedAsync("install", package), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_packages_in_a_folder_of_them()
    {
        var feed = Directory.CreateDirectory(Path.Combine(folder, "feed")).FullName;
        File.Copy(await SignedAsync("0.1.0"), Path.Combine(feed, "HelloTax.0.1.0.nupkg"));
        await DoAsync("publishers", "add", "Example", "--key", Path.ChangeExtension(Key, ".pub.pem"), "--tier", "FirstParty");

        Assert.Matches(@"HelloTax\s+0\.1\.0", await DoAsync("plugins", "search", "hello", "--source", feed));
        await DoAsync("plugins", "install", "HelloTax", "--source", feed);

        Assert.Equal("0.1.0", await VersionAsync());
        Assert.Contains("has no package Nobody", await RefusedAsync("install", "Nobody", "--source", feed), StringComparison.Ordinal);
    }

    async Task<string> SignedAsync(string version)
    {
        var package = PackedSample.Copy(folder, "HelloTax", version);
        PackageSignature.Sign(package, await File.ReadAllTextAsync(Key, Stop));
        return package;
    }

    async Task<string?> VersionAsync()
    {
        var plugins = await server.Operator.ListAsync<PluginStatus>("plugins", null, Stop);
        return plugins.SingleOrDefault(plugin => plugin.Id == "HelloTax")?.Current?.Version;
    }

    Task<string> RefusedAsync(string command, params string[] arguments) => RunAsync(1, ["plugins", command, .. arguments]);

    Task<string> DoAsync(params string[] arguments) => RunAsync(0, arguments);

    async Task<string> RunAsync(int expected, string[] arguments)
    {
        string[] where = arguments[1] is "keygen" or "sign" or "search" ? [] : ["--data", Data];
        var (code, output, errors) = await ProgramUnderTest.RunAsync([.. arguments, .. where]);
        Assert.True(code == expected, output + errors);
        return output + errors;
    }
}
