using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace IspHost.Scripting.Shared;

/// <summary>Reads the content of a frame and believes nothing: whatever does not fit throws <see cref="InvalidDataException"/>.</summary>
ref struct WireReader(ReadOnlySpan<byte> content)
{
    ReadOnlySpan<byte> rest = content;

    public readonly bool AtEnd => rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public short Int16() => BinaryPrimitives.ReadInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public decimal Decimal()
    {
        Span<int> bits = stackalloc int[4];
        Take(16).CopyTo(MemoryMarshal.AsBytes(bits));
        try
        {
            return new decimal(bits);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException("Not the bits of a decimal.");
        }
    }

    /// <summary>A count of things of which each takes at least this many bytes here.</summary>
    public int Count(int leastBytes)
    {
        var count = Int32();
        return count >= 0 && (long)count * leastBytes <= rest.Length ? count : throw new InvalidDataException("A count is out of range.");
    }

    public ReadOnlySpan<char> Characters() => MemoryMarshal.Cast<byte, char>(Take(Count(2) * 2));

    public string Text() => Characters().ToString();

    public ReadOnlySpan<byte> Bytes() => Take(Count(1));

    ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes < 0 || bytes > rest.Length)
            throw new InvalidDataException("A frame ends too early.");
        var taken = rest[..bytes];
        rest = rest[bytes..];
        return taken;
    }
}
