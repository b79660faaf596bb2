using System.Buffers.Binary;
using System.Net.Sockets;
using IspHost.Scripting.Shared;

namespace IspHost.ScriptWorker;

/// <summary>The worker's end of the socket: blocking, one frame after the other.</summary>
sealed class Connection(Socket socket)
{
    readonly WireWriter writer = new();
    byte[] content = new byte[64 << 10];

    public static Connection Open(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendBufferSize = 1 << 20,
            ReceiveBufferSize = 1 << 20,
        };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new Connection(socket);
    }

    public WireWriter Begin(FrameKind kind) => writer.Begin(kind);

    public void Send()
    {
        var frame = writer.Frame.Span;
        while (frame.Length > 0)
            frame = frame[socket.Send(frame)..];
    }

    /// <summary>The next frame, valid until the one after; none when the host has gone.</summary>
    public bool TryReceive(out FrameKind kind, out ReadOnlySpan<byte> frame)
    {
        Span<byte> header = stackalloc byte[Frames.HeaderBytes];
        kind = default;
        frame = default;
        if (!TryFill(header))
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 0 or > Frames.LongestBytes)
            throw new InvalidDataException("A frame is too long.");
        if (content.Length < length)
            content = new byte[length];
        kind = (FrameKind)header[4];
        frame = content.AsSpan(0, length);
        return TryFill(content.AsSpan(0, length));
    }

    bool TryFill(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var read = socket.Receive(buffer);
            if (read == 0)
                return false;
            buffer = buffer[read..];
        }

        return true;
    }
}
