using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Testing;

namespace IspHost.Plugins.Notify.Smtp.Tests;

/// <summary>Tenants beside each other, at the channel in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class NeighbourTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_whom_the_mail_server_does_not_want_holds_up_none_of_nine_others()
    {
        await using var sink = new SmtpSink { RecipientAnswers = { ["unwanted@"] = "550 5.7.1 this sender is not wanted here" } };
        await using var host = await PluginTestHost.StartAsync(
            PluginTestHost.FolderNamedBy<NeighbourTests>(),
            options =>
            {
                options.Settings["Host"] = "127.0.0.1";
                options.Settings["Port"] = $"{sink.Port}";
                options.Settings["Security"] = "none";
            },
            Stop);
        var mail = host.Extensions.Get<INotificationChannel>("email");
        var (unwanted, others) = (TenantId.New(), Enumerable.Range(0, 9).Select(_ => TenantId.New()).ToArray());
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<NotificationResult.Later>(await mail.SendAsync(Invoice(unwanted, "unwanted@example.com"), Stop));
            foreach (var tenant in others)
                Assert.IsType<NotificationResult.Sent>(await mail.SendAsync(Invoice(tenant, "demo@example.com"), Stop));
        }
    }

    static Notification Invoice(TenantId tenant, string to) => new()
    {
        Tenant = tenant,
        Key = $"invoice/{Guid.NewGuid()}",
        To = to,
        From = "Hellas Fiber",
        Subject = "Invoice",
        Text = "Good day.",
    };
}
