using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Testing;

namespace IspHost.Plugins.Notify.Smtp.Tests;

/// <summary>The built plugin in the host's own runtime.</summary>
[Collection(typeof(Alone))]
public sealed class UnloadTests
{
    static readonly Notification Invoice = new()
    {
        Tenant = TenantId.New(),
        Key = "invoice/2026-000042",
        To = "demo@example.com",
        From = "Hellas Fiber",
        Subject = "Invoice 42",
        Text = "Good day.",
        Attachments = [new Attachment { FileName = "invoice.pdf", ContentType = "application/pdf", Content = new byte[20_000] }],
    };

    [Fact]
    public async Task A_plugin_that_has_sent_mail_unloads()
    {
        await using var sink = new SmtpSink { RecipientAnswers = { ["nobody@"] = "550 5.1.1 no such user" } };
        var report = await PluginTestHost.AssertUnloadsAsync(
            PluginTestHost.FolderNamedBy<UnloadTests>(),
            async (host, stop) =>
            {
                var mail = host.Extensions.Get<INotificationChannel>("email");
                Assert.IsType<NotificationResult.Sent>(await mail.SendAsync(Invoice, stop));
                Assert.IsType<NotificationResult.Refused>(await mail.SendAsync(Invoice with { To = "nobody@example.com" }, stop));
                sink.DataAnswer = "554 5.6.0 not like this";
                Assert.IsType<NotificationResult.Later>(await mail.SendAsync(Invoice, stop));
                sink.DataAnswer = "250 2.0.0 queued";
            },
            options =>
            {
                options.Cycles = 5;
                options.Settings["Host"] = "127.0.0.1";
                options.Settings["Port"] = $"{sink.Port}";
                options.Settings["Security"] = "none";
            },
            TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{report}");
        Assert.Equal(5, sink.Mails.Count);
    }
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
