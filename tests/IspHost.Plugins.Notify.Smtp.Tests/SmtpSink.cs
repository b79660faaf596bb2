using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IspHost.Plugins.Notify.Smtp.Tests;

/// <summary>A mail server of RFC 5321 that keeps what it gets, on a free port of this machine.</summary>
sealed class SmtpSink : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly List<ReceivedMail> mails = [];
    readonly List<Task> sessions = [];
    readonly TaskCompletionSource goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task accepting;

    public SmtpSink()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What to answer to RCPT, by the start of the address; 250 otherwise.</summary>
    public Dictionary<string, string> RecipientAnswers { get; set; } = [];

    /// <summary>RCPT of addresses that begin so are not answered before <see cref="GoOn"/>.</summary>
    public string? HangsOn { get; init; }

    /// <summary>What to answer at the end of a message.</summary>
    public string DataAnswer { get; set; } = "250 2.0.0 queued as 42";

    /// <summary>Whether it hangs up instead of answering at the end of a message.</summary>
    public bool HangsUp { get; set; }

    /// <summary>The only user and password that log in; null asks for no login.</summary>
    public (string User, string Password)? Login { get; init; }

    public IReadOnlyList<ReceivedMail> Mails
    {
        get { lock (mails) return [.. mails]; }
    }

    /// <summary>It hangs no longer.</summary>
    public void GoOn() => goesOn.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        listener.Stop();
        await Task.WhenAll(sessions);
        stop.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                sessions.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
        try
        {
            await new Session(this, reader, writer).RunAsync(stop.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The client went away, or the test is over.
        }
    }

    sealed class Session(SmtpSink sink, StreamReader reader, StreamWriter writer)
    {
        readonly List<string> recipients = [];
        string from = "";
        bool loggedIn = sink.Login is null;

        public async Task RunAsync(CancellationToken stop)
        {
            await writer.WriteLineAsync("220 sink.test");
            while (await reader.ReadLineAsync(stop) is { } line)
            {
                if (sink.HangsOn is { } start && line.StartsWith($"RCPT TO:<{start}", StringComparison.OrdinalIgnoreCase))
                    await sink.goesOn.Task.WaitAsync(stop);
                var answer = line == "DATA" ? await DataAsync(stop) : Answer(line);
                if (line == "DATA" && sink.HangsUp)
                    return;
                await writer.WriteLineAsync(answer);
                if (line == "QUIT")
                    return;
            }
        }

        string Answer(string line) => line.Split(' ', 2)[0].ToUpperInvariant() switch
        {
            "EHLO" => sink.Login is null ? "250 sink.test" : "250-sink.test\r\n250 AUTH PLAIN",
            "HELO" => "250 sink.test",
            "AUTH" => LogIn(line.Split(' ')[2]),
            "MAIL" when !loggedIn => "530 5.7.0 Authentication required",
            "MAIL" => Begin(Address(line)),
            "RCPT" => Recipient(Address(line)),
            "RSET" or "NOOP" => "250 2.0.0 ok",
            "QUIT" => "221 2.0.0 bye",
            _ => "502 5.5.2 unknown",
        };

        string LogIn(string response)
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(response)).Split('\0');
            loggedIn = (parts[1], parts[2]) == sink.Login;
            return loggedIn ? "235 2.7.0 ok" : "535 5.7.8 wrong";
        }

        string Begin(string sender)
        {
            from = sender;
            recipients.Clear();
            return "250 2.1.0 ok";
        }

        string Recipient(string address)
        {
            foreach (var (start, answer) in sink.RecipientAnswers)
            {
                if (address.StartsWith(start, StringComparison.Ordinal))
                    return answer;
            }
            recipients.Add(address);
            return "250 2.1.5 ok";
        }

        async Task<string> DataAsync(CancellationToken stop)
        {
            await writer.WriteLineAsync("354 go on");
            var text = new StringBuilder();
            while (await reader.ReadLineAsync(stop) is { } line && line != ".")
                text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            if (sink.DataAnswer.StartsWith('2'))
            {
                lock (sink.mails)
                    sink.mails.Add(new ReceivedMail(from, [.. recipients], Encoding.Latin1.GetBytes(text.ToString())));
            }
            return sink.DataAnswer;
        }

        static string Address(string line)
            => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
    }
}

sealed record ReceivedMail(string From, IReadOnlyList<string> Recipients, byte[] Octets);
