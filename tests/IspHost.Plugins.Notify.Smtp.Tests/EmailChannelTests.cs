using System.Text;
using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Testing;
using MailKit.Security;
using MimeKit;

namespace IspHost.Plugins.Notify.Smtp.Tests;

public sealed class EmailChannelTests : IAsyncDisposable
{
    static readonly Notification Invoice = new()
    {
        Tenant = TenantId.From(new Guid("0198c0de-0000-7000-8000-000000000001")),
        Key = "invoice/2026-000042",
        To = "demo@example.com",
        From = "Hellas Fiber Α.Ε.",
        Subject = "Τιμολόγιο 42",
        Text = "Good day.",
    };

    readonly SmtpSink sink = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    SmtpSettings Settings
        => new() { Host = "127.0.0.1", Port = sink.Port, Security = SecureSocketOptions.None, From = "billing@isp.example" };

    public ValueTask DisposeAsync() => sink.DisposeAsync();

    [Fact]
    public async Task Mail_comes_from_the_tenant_at_the_configured_address()
    {
        await new EmailChannel(Settings).SendAsync(Invoice, Stop);
        var from = Assert.Single(Received().From.Mailboxes);
        Assert.Equal(("Hellas Fiber Α.Ε.", "billing@isp.example", "billing@isp.example"), (from.Name, from.Address, sink.Mails[0].From));
    }

    [Fact]
    public async Task The_message_id_is_made_from_tenant_and_key()
    {
        await new EmailChannel(Settings).SendAsync(Invoice, Stop);
        await new EmailChannel(Settings).SendAsync(Invoice with { Text = "Tried again." }, Stop);
        await new EmailChannel(Settings).SendAsync(Invoice with { Tenant = TenantId.New() }, Stop);
        var ids = sink.Mails.Select(mail => MimeMessage.Load(new MemoryStream(mail.Octets), Stop).MessageId).ToList();
        Assert.Equal("0d878725af62bfb64b56552520cc2e461b5e9e33@isp.example", ids[0]);
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
    }

    [Fact]
    public async Task The_reference_is_the_answer_of_the_server()
        => Assert.Equal(new NotificationResult.Sent("2.0.0 queued as 42"), await new EmailChannel(Settings).SendAsync(Invoice, Stop));

    [Fact]
    public async Task Headers_are_ascii_and_the_subject_is_encoded()
    {
        await new EmailChannel(Settings).SendAsync(Invoice, Stop);
        var raw = Encoding.Latin1.GetString(sink.Mails[0].Octets);
        Assert.DoesNotContain(raw, sign => sign > 127);
        Assert.Contains("Subject: =?utf-8?", raw, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-generated", raw, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("550 5.1.1 no such user")]
    [InlineData("553 5.1.3 bad address")]
    [InlineData("551 user not local")]
    public async Task A_permanent_answer_about_the_recipient_refuses_the_message(string answer)
    {
        sink.RecipientAnswers[""] = answer;
        var refused = Assert.IsType<NotificationResult.Refused>(await new EmailChannel(Settings).SendAsync(Invoice, Stop));
        Assert.Equal(answer, refused.Reason);
    }

    [Theory]
    [InlineData("450 4.2.1 mailbox busy")]
    [InlineData("452 4.2.2 mailbox full")]
    [InlineData("550 5.7.1 relaying denied")]
    [InlineData("554 5.7.1 this sender is not wanted here")]
    public async Task An_answer_that_may_change_means_later_and_not_that_the_channel_is_broken(string answer)
    {
        sink.RecipientAnswers[""] = answer;
        Assert.Equal(new NotificationResult.Later(answer), await new EmailChannel(Settings).SendAsync(Invoice, Stop));
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task A_server_that_wants_a_login_which_is_not_set_throws()
    {
        sink.RecipientAnswers[""] = "530 5.7.0 authentication required";
        await Assert.ThrowsAnyAsync<Exception>(async () => await new EmailChannel(Settings).SendAsync(Invoice, Stop));
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task A_message_that_the_server_does_not_take_comes_again_later()
    {
        sink.DataAnswer = "554 5.6.0 not like this";
        Assert.Equal(new NotificationResult.Later(sink.DataAnswer), await new EmailChannel(Settings).SendAsync(Invoice, Stop));
    }

    [Fact]
    public async Task A_server_that_hangs_up_after_the_message_may_have_taken_it()
    {
        sink.HangsUp = true;
        Assert.IsType<NotificationResult.Unknown>(await new EmailChannel(Settings).SendAsync(Invoice, Stop));
        Assert.Single(sink.Mails);
    }

    [Fact]
    public async Task A_server_without_starttls_gets_no_mail_if_starttls_is_set()
    {
        var channel = new EmailChannel(Settings with { Security = SecureSocketOptions.StartTls });
        await Assert.ThrowsAsync<NotSupportedException>(async () => await channel.SendAsync(Invoice, Stop));
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task It_logs_in_before_it_sends()
    {
        await using var strict = new SmtpSink { Login = ("isp", "s3cret") };
        var settings = Settings with { Port = strict.Port, UserName = "isp", Password = "s3cret" };
        Assert.IsType<NotificationResult.Sent>(await new EmailChannel(settings).SendAsync(Invoice, Stop));
        await Assert.ThrowsAsync<AuthenticationException>(
            async () => await new EmailChannel(settings with { Password = "wrong" }).SendAsync(Invoice, Stop));
        Assert.Single(strict.Mails);
    }

    [Fact]
    public async Task Without_a_host_mail_goes_to_the_pickup_folder_once_for_each_key()
    {
        using var folder = new TemporaryFolder();
        var channel = new EmailChannel(new SmtpSettings { PickupFolder = folder.Path, From = "billing@isp.example" });
        await channel.SendAsync(Invoice, Stop);
        var result = await channel.SendAsync(Invoice, Stop);
        var file = Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Equal(new NotificationResult.PutAside(file), result);
        Assert.EndsWith(".eml", file, StringComparison.Ordinal);
        using var message = await MimeMessage.LoadAsync(file, Stop);
        Assert.Equal(("Τιμολόγιο 42", "demo@example.com"), (message.Subject, message.To.ToString()));
    }

    [Fact]
    public async Task Without_a_host_and_a_folder_mail_waits_and_says_what_to_set()
        => Assert.Equal(
            new NotificationResult.Later("Mail goes nowhere yet: set Host, or PickupFolder, in Plugins:Notify.Smtp."),
            await new EmailChannel(new SmtpSettings()).SendAsync(Invoice, Stop));

    [Fact]
    public async Task The_plugin_offers_the_channel_as_email()
    {
        using var folder = new TemporaryFolder();
        var plugin = FakePluginBuilder.Of(new SmtpPlugin(), ("PickupFolder", folder.Path));
        await using var container = plugin.Build();
        await plugin.Extension<INotificationChannel>(container, "email").SendAsync(Invoice, Stop);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    MimeMessage Received() => MimeMessage.Load(new MemoryStream(Assert.Single(sink.Mails).Octets), Stop);
}

sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("isphost-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
