namespace IspHost.PluginRuntime.Tests;

public sealed class PermissionTests
{
    static readonly PackageTrust Anybody = new([], AllowsLocal: true);

    [Fact]
    public async Task Code_that_does_what_its_manifest_does_not_say_is_refused_with_the_member()
    {
        using var package = TestPackage.CopyOf(Fixtures.Leaks);
        package.Change("[\"process-events\"]", "[]");
        await using var host = TestHost.Start();

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(package.Folder, TestHost.Stop));

        Assert.Equal(
            "Plugin leaks was refused (gate, ISP1306): Leaks.dll uses System.AppDomain.add_ProcessExit, and the manifest does not name "
            + "the permission process-events.", refused.Message);
    }

    [Theory]
    [InlineData("System.Diagnostics.Process", "Start", "process")]
    [InlineData("System.Environment", "Exit", "process")]
    [InlineData("System.Environment", "FailFast", "process")]
    [InlineData("System.Environment", "GetEnvironmentVariable", null)]
    [InlineData("System.AppDomain", "add_UnhandledException", "process-events")]
    [InlineData("System.Console", "add_CancelKeyPress", "process-events")]
    [InlineData("System.Threading.Tasks.TaskScheduler", "add_UnobservedTaskException", "process-events")]
    [InlineData("System.Runtime.Loader.AssemblyLoadContext", "get_Default", "load-code")]
    [InlineData("System.Reflection.Assembly", "LoadFrom", "load-code")]
    [InlineData("System.Reflection.Assembly", "GetTypes", null)]
    [InlineData("System.Reflection.Emit.DynamicMethod", ".ctor", "emit-code")]
    [InlineData("Microsoft.CSharp.RuntimeBinder.Binder", "InvokeMember", "dynamic")]
    [InlineData("System.Runtime.InteropServices.NativeLibrary", "Load", "native")]
    public void A_member_of_the_framework_needs_a_permission(string type, string member, string? permission)
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets).WithUse("Uses", type, member);

        Assert.Equal(permission, NeededBy(package, "Uses.dll"));
    }

    [Fact]
    public void A_function_of_a_native_library_needs_a_permission()
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets).WithImport("Imports", "libc", "getpid");

        Assert.Equal("native", NeededBy(package, "Imports.dll"));
    }

    [Theory]
    [InlineData("libnative.so", "\u007fELF and so on")]
    [InlineData("picture.png", "\u007fELF and so on")]
    [InlineData("native.dll", "MZ and so on")]
    public void A_native_library_needs_a_permission_whatever_it_is_called(string name, string text)
    {
        using var archive = TestArchive.Of(Fixtures.Greets).With(name, System.Text.Encoding.Latin1.GetBytes(text)).Write();

        var refused = Assert.Throws<PluginLoadException>(() => PluginPackages.Check(archive.File, Anybody, new PluginRuntimeOptions()));

        Assert.Contains($"(gate, ISP1306): {name} is native code", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_manifest_asks_for_must_be_granted()
    {
        using var archive = TestArchive.Of(Fixtures.Leaks).Write();
        var package = PluginPackages.Check(archive.File, Anybody, new PluginRuntimeOptions());

        Assert.Equal("ISP1307", Assert.Throws<PluginLoadException>(() => package.CheckGrants(["native"])).Refusal.Code);
        package.CheckGrants(["native", "process-events"]);
    }

    [Theory]
    [InlineData("1.0.0", null)]
    [InlineData("0.9.0", null)]
    [InlineData("1.0.0-rc.1", null)]
    [InlineData("1.0.1", "ISP1208")]
    [InlineData("1.10.0", "ISP1208")]
    public void A_version_is_not_lower_than_one_that_was_installed(string installed, string? code)
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Write();
        var package = PluginPackages.Check(archive.File, Anybody, new PluginRuntimeOptions());

        var refused = Record.Exception(() => package.CheckVersion(["0.1.0", installed])) as PluginLoadException;

        Assert.Equal(code, refused?.Refusal.Code);
    }

    [Theory]
    [InlineData(PublisherTier.Trusted, "Example", null)]
    [InlineData(PublisherTier.Trusted, "Another", "ISP1207")]
    [InlineData(PublisherTier.Trusted, null, "ISP1207")]
    [InlineData(PublisherTier.FirstParty, "Another", null)]
    public void A_plugin_stays_with_its_publisher(PublisherTier tier, string? before, string? code)
    {
        var key = new TestKey();
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(key);
        var package = PluginPackages.Check(archive.File, new([key.Publisher(tier)], AllowsLocal: false), new PluginRuntimeOptions());

        var refused = Record.Exception(() => package.CheckPublisher(before)) as PluginLoadException;

        Assert.Equal(code, refused?.Refusal.Code);
    }

    static string? NeededBy(TestPackage package, string file)
        => PackageAssembly.TryRead(PackageFile.In(package.Folder).Single(one => one.Path == file))!.Needs.Keys.SingleOrDefault()?.Name;
}
