using IspHost.Sdk.Flags;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Payments;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>Each sample, built and loaded, still meets the requirements of its extension point, and is gone afterwards.</summary>
[Collection(typeof(Alone))]
public sealed class SampleUnloadTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    // begin unloads
    [Fact]
    public async Task The_plugin_unloads()
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<SampleUnloadTests>("HelloTax"),
            async (host, stop) =>
            {
                var suite = TaxEngineConformance.For(() => host.Extensions.Get<ITaxEngine>("hello-tax"));
                foreach (var requirement in suite.Requirements)
                    await suite.CheckAsync(requirement, stop);
            },
            options =>
            {
                options.Settings["Percent"] = "17.5";
                options.Cycles = 5;
            },
            TestContext.Current.CancellationToken);
    // end unloads

    [Fact]
    public Task FlatRating_unloads() => AssertUnloadsAsync("FlatRating", async (host, stop) =>
    {
        foreach (var requirement in RatingSuite.Suite.Requirements)
            await RatingRuleConformance.For(() => host.Extensions.Get<IRatingRule>("flat")).CheckAsync(requirement, stop);
    });

    [Fact]
    public Task HelloNas_unloads() => AssertUnloadsAsync("HelloNas", async (host, stop) =>
    {
        foreach (var requirement in NasSuite.Suite.Requirements)
            await NasVendorConformance.For(() => host.Extensions.Get<INasVendor>("hello-nas")).CheckAsync(requirement, stop);
    });

    [Fact]
    public Task HelloFlags_unloads() => AssertUnloadsAsync("HelloFlags", async (host, stop) =>
    {
        var answer = await host.Extensions.Get<IFlagFilter>("tenant-country").JudgeAsync(FlagSuite.Asking("GR, CY"), stop);
        Assert.Equal("the tenant is not known", answer.Reason);
    });

    [Fact]
    public Task HelloNotification_unloads()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "demo"));
        return AssertUnloadsAsync(
            "HelloNotification",
            async (host, stop) =>
            {
                var pigeonhole = host.Extensions.Get<INotificationChannel>("pigeonhole");
                Assert.IsType<NotificationResult.Sent>(await pigeonhole.SendAsync(LetterTo("demo"), stop));
                Assert.IsType<NotificationResult.Refused>(await pigeonhole.SendAsync(LetterTo("nobody"), stop));
            },
            ("Folder", folder.Path));
    }

    [Fact]
    public Task CustomGateway_unloads_after_a_bank_that_does_not_answer() => AssertUnloadsAsync(
        "CustomGateway",
        async (host, stop) =>
        {
            var gateway = host.Extensions.Get<IPaymentGateway>("custom-gateway");
            await Assert.ThrowsAnyAsync<Exception>(async () => await gateway.FindAsync(TenantId.New(), "key", stop));
        },
        ("Address", "http://localhost:1/"),
        ("ApiKey", "k"));

    public void Dispose() => folder.Dispose();

    static Notification LetterTo(string whom) => new()
    {
        Tenant = TenantId.New(),
        Key = "letter/1",
        To = whom,
        From = "Acme",
        Subject = "Hello",
        Text = "Good day.",
    };

    static async Task AssertUnloadsAsync(
        string sample, Func<PluginTestHost, CancellationToken, Task> scenario, params (string Key, string Value)[] settings)
        => await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<SampleUnloadTests>(sample),
            scenario,
            options =>
            {
                foreach (var (key, value) in settings)
                    options.Settings[key] = value;
            },
            TestContext.Current.CancellationToken);
}
