using IspHost.Sdk.Notifications;

namespace IspHost.Sdk.Testing;

sealed class NotificationChecks(Func<INotificationChannel> create, NotificationCases cases)
{
    const string Smuggled = "X-Smuggled";
    const string Stranger = "stranger@example.com";

    public async Task Arrives(CancellationToken stop)
    {
        var message = cases.Message();
        await SendAsync(message, stop);
        var delivered = await OnlyAsync(message, stop);
        Expect.That(delivered.Recipients.SequenceEqual([message.To]), $"{message.To} should have got it, {Show(delivered.Recipients)} did");
    }

    public async Task TextArrives(CancellationToken stop)
    {
        var text = $".\n..two dots\n\nFrom here\n{new string('x', 2000)}\nΓειά σου, ¡señor! 🌍\n.";
        var message = cases.Message(text);
        await SendAsync(message, stop);
        var arrived = Lines((await OnlyAsync(message, stop)).Text);
        Expect.That(arrived == text, $"'{arrived}'");
    }

    public async Task SubjectArrives(CancellationToken stop)
    {
        string[] subjects = ["Τιμολόγιο 42 — Οκτώβριος", "فاتورة", "請求書 🧾", new string('ü', 190), "=?utf-8?q?not_encoded?="];
        foreach (var subject in subjects)
        {
            var message = cases.Message() with { Subject = $"{subject} {Guid.CreateVersion7().ToString("N")[..8]}" };
            await SendAsync(message, stop);
            await OnlyAsync(message, stop);
        }
    }

    public async Task FileArrives(CancellationToken stop)
    {
        var octets = Enumerable.Range(0, 70_000).Select(i => (byte)(i * 31 % 251)).ToArray();
        "%PDF-1.7\r\n.\r\n\0\n"u8.CopyTo(octets);
        var file = new Attachment { FileName = "Τιμολόγιο 42.pdf", ContentType = "application/pdf", Content = octets };
        var message = cases.Message() with { Attachments = [file] };
        await SendAsync(message, stop);

        var files = (await OnlyAsync(message, stop)).Attachments;
        Expect.That(files.Count == 1, $"{files.Count} files");
        Expect.That((files[0].FileName, files[0].ContentType) == (file.FileName, file.ContentType),
            $"{files[0].FileName}, {files[0].ContentType}");
        Expect.That(files[0].Content.Span.SequenceEqual(octets), $"{files[0].Content.Length} other octets instead of {octets.Length}");
    }

    public Task RefusedAddress(CancellationToken stop) => RefusedAsync(cases.Message() with { To = cases.RefusedTo }, stop);

    public async Task NotAnAddress(CancellationToken stop)
    {
        foreach (var address in new[] { "", " ", "\0", $"{cases.To},{cases.To}", new string('a', 5000) })
            await RefusedAsync(cases.Message() with { To = address }, stop);
    }

    public async Task Unreachable(CancellationToken stop)
    {
        NotificationResult result;
        try
        {
            result = await cases.Unreachable().SendAsync(cases.Message(), stop);
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException)
        {
            return; // Which exception is the channel's own affair.
        }
        throw new UnmetException($"{result}, from a station that nobody reached");
    }

    public Task BreakInSubject(CancellationToken stop)
        => SmugglesNothingAsync((message, line) => message with { Subject = message.Subject + line }, stop);

    public Task BreakInAddress(CancellationToken stop)
        => SmugglesNothingAsync((message, line) => message with { To = message.To + line }, stop);

    public Task BreakInSender(CancellationToken stop)
        => SmugglesNothingAsync((message, line) => message with { From = message.From + line }, stop);

    public async Task SameKey(CancellationToken stop)
    {
        var message = cases.Message();
        await SendAsync(message, stop);
        await SendAsync(message, stop);
        var ids = (await CopiesAsync(message, stop)).Select(copy => copy.Id).Distinct().ToList();
        Expect.That(ids.Count == 1, $"the identities {Show(ids)} for one message");
    }

    public async Task TwoKeys(CancellationToken stop)
    {
        var (one, other) = (cases.Message(), cases.Message());
        await SendAsync(one, stop);
        await SendAsync(other, stop);
        var (first, second) = (await OnlyAsync(one, stop), await OnlyAsync(other, stop));
        Expect.That(first.Id != second.Id, $"the identity {first.Id} for two messages");
    }

    public async Task AtOnce(CancellationToken stop)
    {
        var (channel, messages) = (create(), Enumerable.Range(0, 8).Select(i => cases.Message($"Number {i}.")).ToList());
        await Expect.AtOnceAsync(messages.Count, async i => await channel.SendAsync(messages[i], stop));
        foreach (var message in messages)
        {
            var text = Lines((await OnlyAsync(message, stop)).Text);
            Expect.That(text == message.Text, $"'{text}' instead of '{message.Text}'");
        }
    }

    public Task Cancellation(CancellationToken stop)
        => Expect.CancelsAsync(async cancelled => await create().SendAsync(cases.Message(), cancelled));

    async Task SmugglesNothingAsync(Func<Notification, string, Notification> change, CancellationToken stop)
    {
        foreach (var lineBreak in new[] { "\r\n", "\n", "\r", "\u2028", "\u0085", "\r\n\r\n" })
        {
            var message = cases.Message();
            var before = (await cases.Delivered(stop)).Select(delivered => delivered.Id).ToHashSet();
            await create().SendAsync(change(message, $"{lineBreak}Bcc: {Stranger}{lineBreak}{Smuggled}: 1"), stop);
            foreach (var copy in (await cases.Delivered(stop)).Where(delivered => !before.Contains(delivered.Id)))
                ExpectClean(copy, message);
        }
    }

    static void ExpectClean(DeliveredMessage copy, Notification message)
    {
        Expect.That(copy.Recipients.All(recipient => recipient == message.To), $"it reached {Show(copy.Recipients)}");
        Expect.That(!copy.Headers.Any(header => header is Smuggled or "Bcc"), $"the headers {Show(copy.Headers)}");
        Expect.That(copy.Subject.AsSpan().IndexOfAny('\r', '\n') < 0, $"a subject of several lines: '{copy.Subject}'");
        Expect.That(Lines(copy.Text) == message.Text, $"the text became '{copy.Text}'");
    }

    async Task SendAsync(Notification message, CancellationToken stop)
    {
        var result = await create().SendAsync(message, stop);
        Expect.That(result is NotificationResult.Sent, $"{result}");
    }

    async Task RefusedAsync(Notification message, CancellationToken stop)
    {
        var before = (await cases.Delivered(stop)).Count;
        var result = await create().SendAsync(message, stop);
        Expect.That(result is NotificationResult.Refused { Reason.Length: > 0 }, $"{result}, for the address '{message.To}'");
        var more = (await cases.Delivered(stop)).Count - before;
        Expect.That(more == 0, $"refused, and delivered {more} times all the same");
    }

    async Task<DeliveredMessage> OnlyAsync(Notification message, CancellationToken stop)
    {
        var copies = await CopiesAsync(message, stop);
        Expect.That(copies.Count == 1, $"{copies.Count} messages with the subject '{message.Subject}'");
        return copies[0];
    }

    async Task<IReadOnlyList<DeliveredMessage>> CopiesAsync(Notification message, CancellationToken stop)
        => [.. (await cases.Delivered(stop)).Where(delivered => delivered.Subject == message.Subject)];

    static string Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n');

    static string Show(IEnumerable<string> names) => string.Join(", ", names);
}
