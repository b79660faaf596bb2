using System.Security.Cryptography;
using System.Text;
using IspHost.Sdk.Notifications;
using MimeKit;

namespace IspHost.Plugins.Notify.Smtp;

/// <summary>Makes a message of RFC 5322 from a notification.</summary>
static class Mail
{
    public static MimeMessage Of(Notification notification, MailboxAddress to, string from)
    {
        var sender = Mailbox.Parse(from) ?? throw new FormatException($"'{from}' is not an e-mail address.");
        var body = new Multipart("mixed") { Text(notification.Text) };
        foreach (var attachment in notification.Attachments)
            body.Add(File(attachment));

        var message = new MimeMessage
        {
            MessageId = IdOf(notification, sender),
            Body = body.Count == 1 ? body[0] : body,
        };
        message.From.Add(new MailboxAddress(Encoding.UTF8, Lines.Joined(notification.From), sender.Address));
        message.To.Add(to);
        SubjectLine.Write(message, notification.Subject);
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated"); // RFC 3834: no vacation notes in return.
        return message;
    }

    /// <summary>The same for the same message, so that a repetition is recognised by whoever looks at it.</summary>
    static string IdOf(Notification notification, MailboxAddress sender)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{notification.Tenant}/{notification.Key}"));
        return $"{Convert.ToHexStringLower(hash)[..40]}@{sender.Domain}";
    }

    static TextPart Text(string text) => new("plain") { Text = text };

    static MimePart File(Attachment attachment)
    {
        var type = ContentType.TryParse(Lines.Joined(attachment.ContentType), out var parsed)
            ? parsed
            : new ContentType("application", "octet-stream");
        return new MimePart(type)
        {
            Content = new MimeContent(new MemoryStream(attachment.Content.ToArray())),
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment),
            ContentTransferEncoding = ContentEncoding.Base64,
            FileName = Lines.Joined(attachment.FileName),
        };
    }
}
