using System.Net;
using System.Net.Sockets;

namespace IspHost.Core.Cluster;

/// <summary>Finds a port for a node, since Orleans must know its own before it opens it.</summary>
/// <remarks>
/// The candidates lie below the range from which systems take the ports of outgoing connections, so that the node's own connection
/// to PostgreSQL cannot grab the port in between. Two nodes that start at the same moment begin at random places, and within one
/// process no port is given out twice.
/// </remarks>
static class FreePort
{
    const int First = 20_000;
    const int Count = 10_000;

    static readonly HashSet<int> Given = [];

    public static int On(IPAddress address)
    {
        var start = Random.Shared.Next(Count);
        for (var i = 0; i < Count; i++)
        {
            var port = First + ((start + i) % Count);
            if (IsFree(address, port) && TryGive(port))
                return port;
        }
        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    static bool TryGive(int port)
    {
        lock (Given)
            return Given.Add(port);
    }

    static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(); // On Linux a bind alone succeeds beside another socket that is bound and does not listen.
            return true;
        }
        catch (SocketException cause) when (cause.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
