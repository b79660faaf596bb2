using System.Buffers;
using System.Net;
using IspHost.Sdk.Datagrams;

namespace IspHost.PluginRuntime;

/// <summary>Who sends: made once for each source, not for each datagram.</summary>
sealed record Peer(SocketAddress Address, IPEndPoint EndPoint);

/// <summary>A datagram in a rented buffer. Once handled it is empty and mute, so a plugin that keeps it does no harm.</summary>
sealed class ReceivedDatagram : Datagram
{
    readonly UdpListener listener;
    readonly Peer peer;
    readonly int length;
    byte[]? buffer;

    public ReceivedDatagram(UdpListener listener, Peer peer, ReadOnlySpan<byte> payload)
    {
        (this.listener, this.peer, length) = (listener, peer, payload.Length);
        buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        payload.CopyTo(buffer);
    }

    public override IPEndPoint Source => peer.EndPoint;

    public override ReadOnlyMemory<byte> Payload => buffer is { } rented ? rented.AsMemory(0, length) : default;

    public override void Reply(ReadOnlySpan<byte> payload)
    {
        if (buffer is not null)
            listener.Send(payload, peer.Address);
    }

    /// <summary>For one whose handler does not let go: what it may still read is never given to another datagram.</summary>
    public void Abandon() => Interlocked.Exchange(ref buffer, null);

    public void Close()
    {
        if (Interlocked.Exchange(ref buffer, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
