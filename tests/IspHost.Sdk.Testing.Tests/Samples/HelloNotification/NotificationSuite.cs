using System.Text.Json;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Testing;

namespace HelloNotification.Tests;

/// <summary>What every notification channel must do.</summary>
public sealed class NotificationSuite : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory().FullName;

    // begin notification-suite
    public static ConformanceSuite In(string folder)
    {
        if (Directory.Exists(folder))
            Directory.CreateDirectory(Path.Combine(folder, "demo"));
        return NotificationChannelConformance.For(() => new Pigeonholes(folder), new NotificationCases
        {
            To = "demo",
            RefusedTo = "nobody",
            Delivered = stop => LettersAsync(folder, stop),
            Unreachable = () => new Pigeonholes(Path.Combine(folder, "gone")),
        });
    }
    // end notification-suite

    public static TheoryData<string> Requirements => [.. In("none").Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => In(folder).CheckAsync(requirement, TestContext.Current.CancellationToken);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static async ValueTask<IReadOnlyList<DeliveredMessage>> LettersAsync(string folder, CancellationToken stop)
    {
        var letters = new List<DeliveredMessage>();
        foreach (var file in new DirectoryInfo(folder).GetFiles("*.json", SearchOption.AllDirectories).OrderBy(file
            => file.LastWriteTimeUtc))
        {
            await using var stream = file.OpenRead();
            letters.Add(MessageOf(file, (await JsonSerializer.DeserializeAsync(stream, LetterJson.Default.Letter, stop))!));
        }
        return letters;
    }

    static DeliveredMessage MessageOf(FileInfo file, Letter letter) => new()
    {
        Id = file.Name,
        Recipients = [file.Directory!.Name],
        Subject = letter.Subject,
        Text = letter.Text,
        Attachments = [.. letter.Files.Select(f
            => new Attachment { FileName = f.Name, ContentType = f.ContentType, Content = f.Content })],
    };
}
