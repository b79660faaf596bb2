using IspHost.Sdk.Notifications;
using MailKit;
using MailKit.Net.Smtp;
using MimeKit;

namespace IspHost.Plugins.Notify.Smtp;

/// <summary>Sends each message over a connection of its own, or writes it to a folder.</summary>
sealed class EmailChannel(SmtpSettings settings) : INotificationChannel
{
    const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public async ValueTask<NotificationResult> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Mailbox.Parse(notification.To) is not { } to)
            return new NotificationResult.Refused("The address is not one of RFC 5322.");

        using var message = Mail.Of(notification, to, settings.From);
        if (settings.Host is { } host)
            return await SendAsync(host, message, cancellationToken);
        if (settings.PickupFolder is { } folder)
            return await WriteAsync(folder, message, cancellationToken);
        return new NotificationResult.Later("Mail goes nowhere yet: set Host, or PickupFolder, in Plugins:Notify.Smtp.");
    }

    async Task<NotificationResult> SendAsync(string host, MimeMessage message, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(host, settings.Port, settings.Security, cancellationToken);
        if (settings.UserName is { } user)
            await client.AuthenticateAsync(user, settings.Password ?? "", cancellationToken);

        string answer;
        var transfer = new Transfer();
        try
        {
            answer = await client.SendAsync(message, cancellationToken, transfer);
        }
        catch (SmtpCommandException refused)
        {
            var reason = FormattableString.Invariant($"{(int)refused.StatusCode} {refused.Message}");
            return IsAboutTheRecipient(refused) ? new NotificationResult.Refused(reason) : new NotificationResult.Later(reason);
        }
        // A server that takes the message and then is lost, or is not waited for, has sent it.
        catch (Exception lost) when (transfer.HasBegun)
        {
            return new NotificationResult.Unknown($"The server did not say whether it took the message: {lost.Message}");
        }
        await client.DisconnectAsync(quit: true, CancellationToken.None); // The server has the message: nothing may throw now.
        return new NotificationResult.Sent(answer.Length > 0 ? answer : message.MessageId!);
    }

    /// <summary>
    /// A permanent answer to RCPT. X.7.X (RFC 3463: security or policy, such as "relaying denied") is about the sender, not about the
    /// recipient: mail is tried again while somebody corrects the settings. It is an answer all the same: the server works, and the
    /// mail of other senders goes on.
    /// </summary>
    static bool IsAboutTheRecipient(SmtpCommandException refused)
        => refused.ErrorCode == SmtpErrorCode.RecipientNotAccepted
            && refused.StatusCode is >= (SmtpStatusCode)500 and not SmtpStatusCode.AuthenticationRequired
            && !refused.Message.StartsWith("5.7.", StringComparison.Ordinal);

    /// <summary>The file is named after the message, and appears whole: a second time it takes its own place.</summary>
    static async Task<NotificationResult> WriteAsync(string folder, MimeMessage message, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnersFile | UnixFileMode.UserExecute);
        var file = Path.Combine(folder, $"{message.MessageId!.Split('@')[0]}.eml");
        var partial = $"{file}.{Guid.CreateVersion7():N}.partial";
        await using (var stream = new FileStream(partial, New))
            await message.WriteToAsync(stream, cancellationToken);
        File.Move(partial, file, overwrite: true);
        return new NotificationResult.PutAside(file);
    }

    /// <summary>Whether the server has got any of the message itself.</summary>
    sealed class Transfer : ITransferProgress
    {
        public bool HasBegun { get; private set; }

        public void Report(long bytesTransferred, long totalSize) => HasBegun = true;

        public void Report(long bytesTransferred) => HasBegun = true;
    }

    /// <summary>Mail is nobody's business but the server's user's, whatever the umask.</summary>
    static FileStreamOptions New
    {
        get
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnersFile;
            return options;
        }
    }
}
