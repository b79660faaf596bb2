using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace IspHost.Simulator;

/// <summary>The client's side of RADIUS over UDP: a request, and its answer if one comes that is signed right.</summary>
/// <remarks>RFC 2865, RFC 2866. Nothing is sent again unless that is asked for: what is lost must show.</remarks>
public sealed class RadiusExchange : IDisposable
{
    const int HeaderSize = 20;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly IPEndPoint server;
    readonly byte[] secret;
    readonly Waiting?[] waiting = new Waiting?[256];
    readonly Queue<byte> free = new(Enumerable.Range(0, 256).Select(i => (byte)i));
    readonly SemaphoreSlim identifiers = new(200);
    readonly CancellationTokenSource stop = new();
    readonly Task receiving;

    public RadiusExchange(IPAddress source, IPEndPoint server, byte[] secret)
    {
        (this.server, this.secret) = (server, secret);
        socket.Bind(new IPEndPoint(source, 0));
        receiving = ReceiveAsync(stop.Token);
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="again">After how long it is sent again, until it is answered; null: never.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The answer's code and attributes, or null if none came in five seconds to what is sent once.</returns>
    public async Task<RadiusAnswer?> SendAsync(RadiusRequest request, TimeSpan? again, CancellationToken cancellationToken)
    {
        await identifiers.WaitAsync(cancellationToken);
        byte identifier;
        lock (free)
            identifier = free.Dequeue();
        try
        {
            var packet = request.Encode(identifier, secret);
            var entry = new Waiting(packet[4..HeaderSize]);
            waiting[identifier] = entry;
            do
                await socket.SendToAsync(packet, server, cancellationToken);
            while (!await IsAnsweredAsync(entry, again ?? Patience, cancellationToken) && again is not null);
            return entry.Answer.Task.IsCompletedSuccessfully ? await entry.Answer.Task : null;
        }
        finally
        {
            waiting[identifier] = null;
            lock (free)
                free.Enqueue(identifier);
            identifiers.Release();
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        socket.Dispose();
        stop.Dispose();
        identifiers.Dispose();
        _ = receiving;
    }

    static async Task<bool> IsAnsweredAsync(Waiting entry, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await entry.Answer.Task.WaitAsync(patience, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, server, cancellationToken);
                Deliver(buffer.AsSpan(0, received.ReceivedBytes));
            }
            catch (Exception cause) when (cause is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP "port unreachable" of an earlier request; that request will find no answer.
            }
        }
    }

    void Deliver(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < HeaderSize || BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != packet.Length
            || waiting[packet[1]] is not { } entry)
            return;
        if (IsSigned(packet, entry.RequestAuthenticator))
            entry.Answer.TrySetResult(new RadiusAnswer(packet[0], packet[HeaderSize..].ToArray()));
    }

    /// <summary>Response Authenticator: MD5 over the answer with the request's authenticator in its place, and the secret.</summary>
    bool IsSigned(ReadOnlySpan<byte> packet, byte[] requestAuthenticator)
    {
        byte[] text = [.. packet[..4], .. requestAuthenticator, .. packet[HeaderSize..], .. secret];
#pragma warning disable CA5351 // RFC 2865 section 3 prescribes MD5.
        return CryptographicOperations.FixedTimeEquals(MD5.HashData(text), packet[4..HeaderSize]);
#pragma warning restore CA5351
    }

    sealed class Waiting(byte[] requestAuthenticator)
    {
        public byte[] RequestAuthenticator { get; } = requestAuthenticator;
        public TaskCompletionSource<RadiusAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>An answer.</summary>
/// <param name="Code">2 for Access-Accept, 3 for Access-Reject, 5 for Accounting-Response.</param>
/// <param name="Attributes">Its attributes, as they came.</param>
public sealed record RadiusAnswer(byte Code, byte[] Attributes)
{
    public const byte Accept = 2;

    /// <summary>The first attribute of this type, or null.</summary>
    public byte[]? Find(byte type)
    {
        for (var at = 0; at + 2 <= Attributes.Length && Attributes[at + 1] >= 2; at += Attributes[at + 1])
        {
            if (Attributes[at] == type)
                return Attributes[(at + 2)..(at + Attributes[at + 1])];
        }
        return null;
    }
}
