using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IspHost.Sdk.Notifications;

namespace HelloNotification;

// begin channel
/// <summary>Each recipient has a folder; a message is a file in it. Who has no folder does not exist.</summary>
public sealed class Pigeonholes(string folder) : INotificationChannel
{
    /// <inheritdoc/>
    public async ValueTask<NotificationResult> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // The address becomes part of a path: letters and digits lead nowhere else.
        if (notification.To.Length is 0 or > 60 || !notification.To.All(char.IsAsciiLetterOrDigit))
            return new NotificationResult.Refused("The address must be 1 to 60 letters and digits.");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder of the pigeonholes is not there: {folder}."); // It may come back.
        var pigeonhole = Path.Combine(folder, notification.To);
        if (!Directory.Exists(pigeonhole))
            return new NotificationResult.Refused("There is no such pigeonhole.");

        var file = Path.Combine(pigeonhole, $"{NameOf(notification)}.json");
        await WriteAsync(file, LetterOf(notification), cancellationToken);
        return new NotificationResult.Sent(file);
    }

    /// <summary>The same message has the same name, so sending it again replaces it.</summary>
    static string NameOf(Notification notification)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{notification.Tenant}/{notification.Key}")));

    /// <summary>Written beside its place and moved there: a reader never sees half a letter.</summary>
    static async Task WriteAsync(string file, Letter letter, CancellationToken cancellationToken)
    {
        var partial = $"{file}.{Guid.CreateVersion7():N}.partial";
        await using (var stream = File.Create(partial))
            await JsonSerializer.SerializeAsync(stream, letter, LetterJson.Default.Letter, cancellationToken);
        File.Move(partial, file, overwrite: true);
    }

    static Letter LetterOf(Notification notification) => new(
        notification.To, OneLine(notification.From), OneLine(notification.Subject), notification.Text,
        [.. notification.Attachments.Select(file => new LetterFile(OneLine(file.FileName), file.ContentType, file.Content.ToArray()))]);

    static string OneLine(string text) => string.Concat(text.Select(sign => char.IsControl(sign) ? ' ' : sign));
}
// end channel
