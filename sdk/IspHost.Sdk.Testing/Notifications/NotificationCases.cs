using IspHost.Sdk.Notifications;

namespace IspHost.Sdk.Testing;

/// <summary>What the suite needs to know about a channel and the station behind it: a sink of your own, or a sandbox.</summary>
public sealed record NotificationCases
{
    /// <summary>An address that the station delivers to.</summary>
    public required string To { get; init; }

    /// <summary>A well-formed address that the station refuses for good.</summary>
    public required string RefusedTo { get; init; }

    /// <summary>All that the station has delivered so far.</summary>
    public required Func<CancellationToken, ValueTask<IReadOnlyList<DeliveredMessage>>> Delivered { get; init; }

    /// <summary>Makes a channel whose station cannot be reached.</summary>
    public required Func<INotificationChannel> Unreachable { get; init; }

    /// <summary>False for a channel that has no room for files, such as SMS.</summary>
    public bool CarriesAttachments { get; init; } = true;

    internal Notification Message(string text = "Good day.") => new()
    {
        Tenant = TenantId.From(new Guid("0198c0de-0000-7000-8000-000000000001")),
        Key = $"conformance/{Guid.CreateVersion7():N}",
        To = To,
        From = "Hellas Fiber",
        Subject = $"Invoice {Guid.CreateVersion7():N}",
        Text = text,
    };
}

/// <summary>A message as its receiver has it.</summary>
public sealed record DeliveredMessage
{
    /// <summary>What tells a repetition from another message: the Message-Id of an e-mail.</summary>
    public required string Id { get; init; }

    /// <summary>Everyone who got it.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>The subject, decoded.</summary>
    public required string Subject { get; init; }

    /// <summary>The text, decoded.</summary>
    public required string Text { get; init; }

    /// <summary>The names of all headers, if the channel has such; a check looks for one that was smuggled in.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>The files, decoded.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];
}
