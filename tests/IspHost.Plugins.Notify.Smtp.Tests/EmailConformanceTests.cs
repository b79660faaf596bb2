using IspHost.Sdk.Notifications;
using IspHost.Sdk.Testing;
using MailKit.Security;
using MimeKit;

namespace IspHost.Plugins.Notify.Smtp.Tests;

public sealed class EmailConformanceTests : IAsyncDisposable
{
    readonly SmtpSink sink = new() { RecipientAnswers = { ["nobody@"] = "550 5.1.1 no such user" } };

    public static TheoryData<string> Requirements => [.. SuiteFor(new SmtpSettings(), () => []).Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement)
    {
        var settings = new SmtpSettings { Host = "127.0.0.1", Port = sink.Port, Security = SecureSocketOptions.None };
        return SuiteFor(settings, () => sink.Mails).CheckAsync(requirement, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => sink.DisposeAsync();

    static ConformanceSuite SuiteFor(SmtpSettings settings, Func<IReadOnlyList<ReceivedMail>> mails)
        => NotificationChannelConformance.For(() => new EmailChannel(settings), new NotificationCases
        {
            To = "demo@example.com",
            RefusedTo = "nobody@example.com",
            Delivered = stop => ValueTask.FromResult<IReadOnlyList<DeliveredMessage>>([.. mails().Select(mail => Read(mail, stop))]),
            Unreachable = () => new EmailChannel(settings with { Port = 1 }),
        });

    static DeliveredMessage Read(ReceivedMail mail, CancellationToken stop)
    {
        using var message = MimeMessage.Load(new MemoryStream(mail.Octets), stop);
        return new DeliveredMessage
        {
            Id = message.MessageId!,
            Recipients = mail.Recipients,
            Subject = message.Subject!,
            Text = message.TextBody!,
            Headers = [.. message.Headers.Select(header => header.Field)],
            Attachments = [.. message.Attachments.Cast<MimePart>().Select(part => Read(part, stop))],
        };
    }

    static Attachment Read(MimePart part, CancellationToken stop)
    {
        var content = new MemoryStream();
        part.Content!.DecodeTo(content, stop);
        return new Attachment { FileName = part.FileName!, ContentType = part.ContentType.MimeType, Content = content.ToArray() };
    }
}
