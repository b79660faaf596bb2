using System.Net;
using System.Net.Sockets;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Nas;

namespace IspHost.Plugins.Radius.Changes;

/// <summary>What a device answered.</summary>
/// <param name="IsAck">ACK, or else NAK.</param>
/// <param name="ErrorCause">Why not.</param>
readonly record struct ChangeAnswer(bool IsAck, int? ErrorCause);

/// <summary>Sends a CoA- or Disconnect-Request once and waits for the answer.</summary>
sealed class ChangeExchange(RadiusSettings settings, TimeProvider time)
{
    /// <returns>The answer, null if none came in time; and the port that the request was sent from.</returns>
    public async Task<(ChangeAnswer? Answer, int Port)> AskAsync(
        NasDevice device, ReadOnlyMemory<byte> request, int port, CancellationToken stop)
    {
        using var socket = new Socket(device.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        Bind(socket, device.Address, port);
        // Connected, so the kernel lets in nothing but what comes from the address and port that were asked.
        await socket.ConnectAsync(new IPEndPoint(device.Address, device.ChangePort), stop);
        using var timeout = new CancellationTokenSource(settings.ChangeTimeout.ToTimeSpan(), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await socket.SendAsync(request, either.Token);
            return (await ReceiveAsync(socket, device, request, either.Token), PortOf(socket));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, PortOf(socket));
        }
        catch (SocketException)
        {
            // Nobody listens there, as ICMP says; or the network is down. Either may pass.
            return (null, PortOf(socket));
        }
    }

    static async Task<ChangeAnswer> ReceiveAsync(Socket socket, NasDevice device, ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        var buffer = new byte[Packet.MaxLength];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, stop);
            if (Read(buffer.AsMemory(0, length), device, request.Span) is { } answer)
                return answer;
        }
    }

    /// <summary>An answer counts if it is to this request and proves the secret; whatever else arrives is as if it had not.</summary>
    static ChangeAnswer? Read(ReadOnlyMemory<byte> datagram, NasDevice device, ReadOnlySpan<byte> request)
    {
        if (!Packet.TryParse(datagram, out var packet, out _) || packet.Identifier != request[1]
            || !Signature.IsReplyBy(packet, request.Slice(4, 16), device.Secret.Span))
            return null;
        var isChange = request[0] == (byte)PacketCode.CoaRequest;
        if (packet.Code == (isChange ? PacketCode.CoaAck : PacketCode.DisconnectAck))
            return new ChangeAnswer(true, null);
        return packet.Code == (isChange ? PacketCode.CoaNak : PacketCode.DisconnectNak)
            ? new ChangeAnswer(false, (int?)packet.Integer(AttributeType.ErrorCause))
            : null;
    }

    static void Bind(Socket socket, IPAddress device, int port)
    {
        var any = device.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        try
        {
            socket.Bind(new IPEndPoint(any, port));
        }
        catch (SocketException) when (port != 0)
        {
            // Taken by somebody else meanwhile: then the device has to treat the repetition as a new request.
            socket.Bind(new IPEndPoint(any, 0));
        }
    }

    static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
