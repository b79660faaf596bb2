using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace IspHost.Scripting.Shared;

/// <summary>Writes one frame after another into a buffer that grows and is used again.</summary>
sealed class WireWriter
{
    byte[] buffer = new byte[4096];
    int length;

    /// <summary>The frame begun last, complete.</summary>
    public ReadOnlyMemory<byte> Frame
    {
        get
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, length - Frames.HeaderBytes);
            return buffer.AsMemory(0, length);
        }
    }

    public int Length => length;

    public WireWriter Begin(FrameKind kind)
    {
        length = Frames.HeaderBytes;
        buffer[4] = (byte)kind;
        return this;
    }

    public void Byte(byte value) => Room(1)[0] = value;

    public void Int16(short value) => BinaryPrimitives.WriteInt16LittleEndian(Room(2), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    /// <summary>In the machine's own layout: both ends are the same machine.</summary>
    public void Decimal(decimal value) => decimal.GetBits(value, MemoryMarshal.Cast<byte, int>(Room(16)));

    /// <summary>In UTF-16, which is copied and not converted: most texts are short.</summary>
    public void Text(string value)
    {
        Int32(value.Length);
        MemoryMarshal.AsBytes(value.AsSpan()).CopyTo(Room(value.Length * 2));
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        value.CopyTo(Room(value.Length));
    }

    Span<byte> Room(int bytes)
    {
        if (buffer.Length - length < bytes)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + bytes));
        var room = buffer.AsSpan(length, bytes);
        length += bytes;
        return room;
    }
}
