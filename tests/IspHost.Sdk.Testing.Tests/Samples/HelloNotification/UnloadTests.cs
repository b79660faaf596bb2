using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Testing;

namespace HelloNotification.Tests;

/// <summary>Built and loaded as on a server, the plugin delivers a message, refuses another, and is gone afterwards.</summary>
[Collection(typeof(UnloadTests)), CollectionDefinition(DisableParallelization = true)]
public sealed class UnloadTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public async Task The_plugin_unloads()
    {
        Directory.CreateDirectory(Path.Combine(folder, "demo"));
        await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>("HelloNotification"),
            async (host, stop) =>
            {
                var pigeonhole = host.Extensions.Get<INotificationChannel>("pigeonhole");
                Assert.IsType<NotificationResult.Sent>(await pigeonhole.SendAsync(LetterTo("demo"), stop));
                Assert.IsType<NotificationResult.Refused>(await pigeonhole.SendAsync(LetterTo("nobody"), stop));
            },
            options => options.Settings["Folder"] = folder,
            TestContext.Current.CancellationToken);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static Notification LetterTo(string whom) => new()
    {
        Tenant = TenantId.New(),
        Key = "letter/1",
        To = whom,
        From = "Acme",
        Subject = "Hello",
        Text = "Good day.",
    };
}
