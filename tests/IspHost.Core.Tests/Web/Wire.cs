using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace IspHost.Core.Tests.Web;

/// <summary>Leads to PostgreSQL, and is cut at a chosen statement: nothing said afterwards comes through until it is mended.</summary>
/// <remarks>PostgreSQL works when it is told to sync, so what is counted are the messages Sync and Query of its protocol.</remarks>
sealed class Wire : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly IPEndPoint postgres;
    readonly Lock gate = new();
    readonly List<Socket> sockets = [];
    int left = int.MaxValue;
    bool isReplyLost;

    public Wire(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        postgres = new IPEndPoint(IPAddress.Loopback, settings.Port);
        listener.Start();
        (settings.Host, settings.Port) = ("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        (settings.SslMode, settings.GssEncryptionMode) = (SslMode.Disable, GssEncryptionMode.Disable);
        ConnectionString = settings.ConnectionString;
        _ = AcceptAsync();
    }

    public string ConnectionString { get; }

    public bool IsCut { get; private set; }

    /// <summary>How many statements have gone through.</summary>
    public int Statements { get; private set; }

    /// <summary>True keeps all that is said from now on to itself, and closes nothing: so it is with a database that hangs.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Cuts before this statement from now on, or behind it, so that it runs and nobody hears what came of it.</summary>
    public void CutAt(int statement, bool isReplyLost)
    {
        lock (gate)
            (left, this.isReplyLost) = (statement, isReplyLost);
    }

    public void Mend()
    {
        lock (gate)
            (left, IsCut) = (int.MaxValue, false);
    }

    public ValueTask DisposeAsync()
    {
        listener.Dispose();
        Cut();
        return ValueTask.CompletedTask;
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = LeadAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task LeadAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (gate)
        {
            sockets.AddRange([client, server]);
            if (IsCut)
                client.Dispose();
        }
        try
        {
            await server.ConnectAsync(postgres);
            var line = new Line();
            await Task.WhenAny(SpeakAsync(client, server, line), ListenAsync(server, client, line));
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            // The wire is cut.
        }
        client.Dispose();
    }

    /// <summary>From the client, message by message; the first one has no kind.</summary>
    async Task SpeakAsync(Socket client, Socket server, Line line)
    {
        var stream = new NetworkStream(client);
        for (var isFirst = true; ; isFirst = false)
        {
            var message = await ReadAsync(stream, isFirst);
            var isStatement = !isFirst && (char)message[0] is 'S' or 'Q';
            var (isCutBefore, isCutAfter) = isStatement ? Count() : default;
            if (isCutBefore)
                Cut();
            // What was sent along with the statement must not run when the test goes on.
            if (IsSilent || line.IsLost)
                continue;
            line.IsLost = isCutAfter;
            if (isFirst || isStatement)
                Interlocked.Increment(ref line.Awaited);
            await server.SendAsync(message);
        }
    }

    async Task ListenAsync(Socket server, Socket client, Line line)
    {
        var stream = new NetworkStream(server);
        while (true)
        {
            var message = await ReadAsync(stream, isFirst: false);
            var isLast = message[0] == 'Z' && Interlocked.Decrement(ref line.Awaited) == 0;
            if (!line.IsLost)
                await client.SendAsync(message);
            else if (isLast)
                Cut();
        }
    }

    (bool Before, bool After) Count()
    {
        lock (gate)
        {
            Statements++;
            var isHere = left != int.MaxValue && --left == 0;
            return (isHere && !isReplyLost, isHere && isReplyLost);
        }
    }

    static async Task<byte[]> ReadAsync(NetworkStream stream, bool isFirst)
    {
        var head = new byte[isFirst ? 4 : 5];
        await stream.ReadExactlyAsync(head);
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(^4));
        var message = new byte[head.Length - 4 + length];
        head.CopyTo(message, 0);
        await stream.ReadExactlyAsync(message.AsMemory(head.Length));
        return message;
    }

    void Cut()
    {
        lock (gate)
        {
            IsCut = true;
            foreach (var socket in sockets)
                socket.Dispose();
            sockets.Clear();
        }
    }

    /// <summary>One connection through the wire.</summary>
    sealed class Line
    {
        /// <summary>How many statements, and the start, have not been answered yet.</summary>
        public int Awaited;

        /// <summary>Whether the client hears nothing any more.</summary>
        public volatile bool IsLost;
    }
}
