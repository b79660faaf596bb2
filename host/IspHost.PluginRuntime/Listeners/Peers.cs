using System.Net;

namespace IspHost.PluginRuntime;

/// <summary>The sources that a listener has heard from. Used by its receiving loop alone.</summary>
sealed class Peers
{
    /// <summary>Anybody can send from any number of addresses: the table starts anew when it is full.</summary>
    const int Most = 16_384;

    readonly Dictionary<SocketAddress, Peer> known = [];

    public Peer At(SocketAddress from)
    {
        if (known.TryGetValue(from, out var peer))
            return peer;

        if (known.Count == Most)
            known.Clear();

        peer = Make(from);
        known.Add(peer.Address, peer);
        return peer;
    }

    static Peer Make(SocketAddress from)
    {
        var copy = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(copy.Buffer.Span);
        return new Peer(copy, (IPEndPoint)new IPEndPoint(IPAddress.Any, 0).Create(copy));
    }
}
