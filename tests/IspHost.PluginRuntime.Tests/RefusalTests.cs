using System.Runtime.Loader;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.PluginRuntime.Tests;

public sealed class RefusalTests
{
    [Fact]
    public async Task A_version_that_crashes_while_it_configures_is_refused_and_the_old_one_goes_on()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.ReplaceAsync("greets", Fixtures.Crashes, TestHost.Stop));

        Assert.Equal("Plugin greets was refused (configure, ISP1411): Crashes.CrashException: no greeting today.", refused.Message);
        Assert.Contains("Crashes.Plugin.Configure", refused.Details);
        Assert.Null(refused.InnerException);
        var status = host.Status.Single();
        Assert.Equal((PluginState.Active, "1.0.0", refused.Message), (status.State, status.Current!.Version, status.LastError));
        Assert.Equal(0, status.LeakedContexts);
        var quote = await host.Extensions.Get<ITaxEngine>("greets").QuoteAsync(Samples.Document("standard"), TestHost.Stop);
        Assert.Equal(1m, Assert.IsType<TaxQuote.Quoted>(quote).Taxes[0].RatePercent);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plugin_that_hangs_while_it_configures_is_refused_and_holds_up_no_other()
    {
        var time = new FakeTimeProvider();
        await using var host = TestHost.Start(HangsAtStart, time);
        var hanging = host.LoadAsync(Fixtures.Hangs, TestContext.Current.CancellationToken);

        await host.LoadAsync(Fixtures.Greets, TestContext.Current.CancellationToken);
        Assert.False(hanging.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1));

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => hanging);
        Assert.Equal("Plugin hangs was refused (configure, ISP1412): it was not ready within 60 s.", refused.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plugin_that_hangs_while_it_configures_does_not_keep_the_process()
    {
        var host = TestHost.Start(HangsAtStart);
        var hanging = host.LoadAsync(Fixtures.Hangs, TestContext.Current.CancellationToken);

        await host.DisposeAsync();

        await Assert.ThrowsAsync<PluginLoadException>(() => hanging);
    }

    static void HangsAtStart(PluginRuntimeOptions options)
        => options.Configuration = TestHost.Settings(("Plugins:hangs:AtStart", "yes"));

    [Fact]
    public async Task A_version_that_needs_a_newer_SDK_is_refused_before_it_is_loaded()
    {
        await using var host = TestHost.Start(options => options.SdkVersion = new(0, 1, 0));

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(Fixtures.NeedsNewerSdk, TestHost.Stop));

        Assert.Equal(
            "Plugin needs-newer-sdk was refused (gate, ISP1301): it needs version [9.0.0, 10.0.0) of the SDK, and the host has 0.1.0.",
            refused.Message);
        Assert.DoesNotContain(AssemblyLoadContext.All, context => context.Assemblies.Any(a => a.GetName().Name == "NeedsNewerSdk"));
    }

    [Fact]
    public async Task What_keeps_a_plugin_loaded_is_reported_by_the_plugins_name()
    {
        var log = new Lines();
        await using var host = TestHost.Start(logs: log);
        await host.LoadAsync(Fixtures.Leaks, TestHost.Stop);

        var report = await host.RemoveAsync("leaks", TestHost.Stop);

        Assert.True(report is { Drained: true, Unloaded: false });
        Assert.Equal((PluginState.Removed, 1), (host.Status.Single().State, host.Status.Single().LeakedContexts));
        Assert.Contains(log.All, line => line is
        {
            Level: LogLevel.Error, Text: "Plugin leaks 1.0.0, generation 1 was not unloaded: something still refers to it"
        });
    }

    [Theory]
    [InlineData("IspHost.Sdk", "99.0.0.0", "refers to IspHost.Sdk 99.0.0.0, and the host has")]
    [InlineData("System.Runtime", "99.0.0.0", "refers to System.Runtime 99.0.0.0, and the host has 10.0.0.0")]
    [InlineData("NodaTime", "99.0.0.0", "refers to NodaTime 99.0.0.0, and the host has")]
    [InlineData("Nowhere", "1.0.0.0", "refers to Nowhere, which is neither in the package nor shared by the host")]
    [InlineData("xunit.v3.core", "1.0.0.0", "refers to xunit.v3.core, which is neither in the package nor shared by the host")]
    public async Task A_reference_that_the_host_cannot_serve_is_refused(string name, string version, string reason)
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets).WithAssembly("Greets", (name, Version.Parse(version)));

        Assert.Contains($"Greets {reason}", await RefusedAsync(package, "gate"));
    }

    [Theory]
    [InlineData("IspHost.Sdk")]
    [InlineData("NodaTime")]
    [InlineData("System.Text.Json")]
    [InlineData("Microsoft.AspNetCore.Http")]
    public async Task A_package_that_contains_a_shared_assembly_is_refused(string name)
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets).WithAssembly(name);

        Assert.Contains($"it contains {name}.dll, which every plugin shares with the host", await RefusedAsync(package, "gate"));
    }

    [Fact]
    public async Task A_shared_assembly_under_another_file_name_is_refused_too()
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets).WithAssembly("NodaTime");
        File.Move(Path.Combine(package.Folder, "NodaTime.dll"), Path.Combine(package.Folder, "Harmless.dll"));

        Assert.Contains("it contains Harmless.dll", await RefusedAsync(package, "gate"));
    }

    [Fact]
    public async Task An_assembly_that_is_none_is_refused()
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets).With("Greets.dll", "MZ and nothing more");

        Assert.Contains("its assembly Greets.dll is missing or is not a .NET assembly", await RefusedAsync(package, "gate"));
    }

    [Fact]
    public async Task An_entry_class_that_does_not_exist_is_refused()
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets);
        package.Change("Greets.Plugin", "Greets.Nobody");

        Assert.Contains("Greets.dll has no class Greets.Nobody", await RefusedAsync(package, "configure"));
    }

    [Fact]
    public async Task A_service_that_nobody_provides_is_found_before_the_switch()
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets);
        await using var host = TestHost.Start(options => options.AddHostServices = (services, _) => services.AddSingleton<NeedsMore>());

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(package.Folder, TestHost.Stop));

        Assert.Equal("configure", refused.Step);
        Assert.Contains("System.IFormatProvider", refused.Message);
    }

    [Fact]
    public async Task A_name_that_another_plugin_has_is_refused()
    {
        using var package = TestPackage.CopyOf(Fixtures.Greets);
        package.Change("\"greets\"", "\"other\"");
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(package.Folder, TestHost.Stop));

        Assert.Equal("Plugin other was refused (switch, ISP1461): the tax 'greets' is offered by plugin greets already.", refused.Message);
        Assert.Equal(["greets"], host.Extensions.Names<ITaxEngine>());
        await host.RemoveAsync("greets", TestHost.Stop);
        await host.LoadAsync(package.Folder, TestHost.Stop);
    }

    [Fact]
    public async Task Another_plugins_folder_cannot_replace_a_plugin()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.ReplaceAsync("greets", Fixtures.Hangs, TestHost.Stop));

        Assert.Contains("the folder holds another plugin, hangs", refused.Message);
    }

    sealed class NeedsMore(IFormatProvider missing)
    {
        public IFormatProvider Missing => missing;
    }

    static async Task<string> RefusedAsync(TestPackage package, string step)
    {
        await using var host = TestHost.Start();
        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(package.Folder, TestHost.Stop));
        Assert.Equal(step, refused.Step);
        Assert.Equal(PluginState.Failed, host.Status.Single().State);
        return refused.Message;
    }
}
