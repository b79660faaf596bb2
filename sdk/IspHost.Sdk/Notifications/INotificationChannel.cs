namespace IspHost.Sdk.Notifications;

/// <summary>Carries messages to people.</summary>
/// <remarks>
/// Called once for each message and attempt. After <see cref="NotificationResult.Later"/> and after an exception it is called again
/// with growing pauses for three days; then the message is put aside for staff. An exception says that the next station cannot be
/// reached, and counts against the channel; a station that answers is not broken, whatever it answers. Both say that nobody has the
/// message: if somebody may have it, answer <see cref="NotificationResult.Unknown"/>. A call that does not end within its deadline is taken
/// for that, too.
/// </remarks>
[ExtensionPoint("notification", version: 1, DeadlineSeconds = 60)]
public interface INotificationChannel
{
    /// <summary>Sends one message.</summary>
    ValueTask<NotificationResult> SendAsync(Notification notification, CancellationToken cancellationToken);
}

/// <summary>A message to one person.</summary>
public sealed record Notification
{
    /// <summary>For whom.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Names the message for ever: a channel that can, drops the second one with the same key.</summary>
    public required string Key { get; init; }

    /// <summary>An address that the channel understands: for <c>email</c> as in RFC 5322.</summary>
    public required string To { get; init; }

    /// <summary>The name of the tenant, as sender.</summary>
    public required string From { get; init; }

    /// <summary>One line, at most 200 characters.</summary>
    public required string Subject { get; init; }

    /// <summary>Plain text.</summary>
    public required string Text { get; init; }

    /// <summary>At most 10 MB together.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];
}

/// <summary>A file that goes with a message.</summary>
public sealed record Attachment
{
    /// <summary>The file's name, without a folder.</summary>
    public required string FileName { get; init; }

    /// <summary>Such as <c>application/pdf</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>The file.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }
}

/// <summary>What came of a message.</summary>
public abstract record NotificationResult
{
    NotificationResult() { }

    /// <summary>The next station has taken it over.</summary>
    /// <param name="Reference">Its name for the message, for tracing.</param>
    public sealed record Sent(string Reference) : NotificationResult;

    /// <summary>It will never be delivered: the address does not exist, or is not one.</summary>
    public sealed record Refused(string Reason) : NotificationResult;

    /// <summary>The next station does not take it now: the mailbox is full, or the station wants nothing from this sender.</summary>
    public sealed record Later(string Reason) : NotificationResult;

    /// <summary>It was handed over, and no answer came: it may have been taken. Only a person has it sent again.</summary>
    public sealed record Unknown(string Reason) : NotificationResult;

    /// <summary>It lies where an operator can look at it, and has been sent to nobody: there is no station yet.</summary>
    /// <param name="Place">Where it lies.</param>
    public sealed record PutAside(string Place) : NotificationResult;
}
