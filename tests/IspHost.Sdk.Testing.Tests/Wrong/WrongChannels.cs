using IspHost.Sdk.Notifications;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>A channel for each requirement that it does not meet.</summary>
static class WrongChannels
{
    public static IEnumerable<(string Requirement, Func<ConformanceSuite> Suite)> All =>
    [
        ("A message reaches its recipient, and nobody else.",
            () => Wrong(c => c.Delivering = m => m with { Recipients = [.. m.Recipients, "archive@example.com"] })),
        ("A text arrives as it was sent: dots, empty and long lines included.",
            () => Wrong(c => c.Delivering = m => m with { Text = m.Text.Split("\n.")[0] })),
        ("A subject arrives as it was sent, in any script.",
            () => Wrong(c => c.Delivering = m => m with { Subject = string.Concat(m.Subject.Where(char.IsAscii)) })),
        ("A file arrives octet for octet, with its name and type.",
            () => Wrong(c => c.Delivering = m => m with { Attachments = [.. m.Attachments.Select(Seven)] })),
        ("A file arrives octet for octet, with its name and type.", () => Wrong(c => c.Delivering = m => m with { Attachments = [] })),
        ("An address that the station refuses for good is refused.", () => Wrong(c => c.Sending = message => c.Deliver(message))),
        ("An address that the station refuses for good is refused.",
            () => Wrong(c => c.Sending = message => message.To == "nobody@example.com" ? throw new IOException("550") : c.Send(message))),
        ("What is not an address is refused.",
            () => Wrong(c
                => c.Sending = message => message.To == "nobody@example.com" ? new NotificationResult.Refused("550") : c.Deliver(message))),
        ("A station that cannot be reached is an exception, so that the host tries again.",
            () => Wrong(_ => { }, new NotificationResult.Refused("No route."))),
        ("A line break in the subject smuggles nothing in.",
            () => Wrong(c => c.Sending = message => c.Paste(message with { To = "demo@example.com" }))),
        ("A line break in the address smuggles nothing in.", () => Wrong(c => c.Sending = message => c.Paste(message))),
        ("A line break in the sender's name smuggles nothing in.", () => Wrong(c => c.Sending = message => c.Paste(message))),
        ("A message sent again is the same message to its receiver.",
            () => Wrong(c => c.Delivering = m => m with { Id = $"{Guid.CreateVersion7()}" })),
        ("Two messages are two to their receiver.", () => Wrong(c => c.Delivering = m => m with { Id = "1" })),
        ("Messages sent at the same time arrive once each.", () => Wrong(c => c.Before = () => Task.Delay(20))),
        ("A cancelled call ends as cancelled.", () => Wrong(c => c.Cancellable = false)),
    ];

    /// <summary>The channel that the wrong ones are made from.</summary>
    public static ConformanceSuite RightSuite => Wrong(_ => { });

    static ConformanceSuite Wrong(Action<Channel> spoil, NotificationResult? whenUnreachable = null)
    {
        var station = new List<DeliveredMessage>();
        var shared = new Channel(station);
        spoil(shared);
        return NotificationChannelConformance.For(() => shared, new NotificationCases
        {
            To = "demo@example.com",
            RefusedTo = "nobody@example.com",
            Delivered = _ =>
            {
                lock (station)
                    return ValueTask.FromResult<IReadOnlyList<DeliveredMessage>>([.. station]);
            },
            Unreachable = () => new Channel([]) { Sending = _ => whenUnreachable ?? throw new IOException("No route.") },
        });
    }

    static Attachment Seven(Attachment file)
        => file with { Content = file.Content.ToArray().Select(octet => (byte)(octet & 0x7f)).ToArray() };

    sealed class Channel(List<DeliveredMessage> station) : INotificationChannel
    {
        Notification? current;

        public Func<Notification, NotificationResult>? Sending { get; set; }

        public Func<DeliveredMessage, DeliveredMessage> Delivering { get; set; } = message => message;

        /// <summary>Set it, and messages that come in meanwhile take each other's place.</summary>
        public Func<Task>? Before { get; set; }

        public bool Cancellable { get; set; } = true;

        public async ValueTask<NotificationResult> SendAsync(Notification notification, CancellationToken cancellationToken)
        {
            if (Cancellable)
                cancellationToken.ThrowIfCancellationRequested();
            if (Before is null)
                return (Sending ?? Send)(notification);
            current = notification;
            await Before();
            return Send(current);
        }

        public NotificationResult Send(Notification message)
            => message.To == "nobody@example.com" || message.To.Length > 320 || message.To.Count(sign => sign == '@') != 1
                || message.To.Any(char.IsControl)
                || message.To.Contains('\u2028', StringComparison.Ordinal)
                    ? new NotificationResult.Refused("No such address.")
                    : Deliver(message with { Subject = OneLine(message.Subject) });

        public NotificationResult.Sent Deliver(Notification message) => Put(new DeliveredMessage
        {
            Id = message.Key,
            Recipients = [message.To],
            Subject = message.Subject,
            Text = message.Text,
            Attachments = message.Attachments,
        });

        /// <summary>Pastes a mail together as text, and reads it as a mail server would.</summary>
        public NotificationResult.Sent Paste(Notification message)
        {
            var mail = $"To: {message.To}\nFrom: {message.From}\nSubject: {message.Subject}\n\n{message.Text}".ReplaceLineEndings("\n");
            var (head, body) = (mail.Split("\n\n", 2)[0].Split('\n'), mail.Split("\n\n", 2)[1]);
            var fields = head.Select(line => line.Split(": ", 2)).ToList();
            return Put(new DeliveredMessage
            {
                Id = message.Key,
                Recipients = [.. fields.Where(field => field[0] is "To" or "Bcc").Select(field => field[1])],
                Subject = fields.FirstOrDefault(field => field[0] == "Subject")?[1] ?? "",
                Text = body,
                Headers = [.. fields.Select(field => field[0])],
            });
        }

        NotificationResult.Sent Put(DeliveredMessage message)
        {
            lock (station)
                station.Add(Delivering(message));
            return new NotificationResult.Sent(message.Id);
        }

        static string OneLine(string text) => string.Concat(text.Select(sign => char.IsControl(sign) ? ' ' : sign));
    }
}
