using System.Buffers.Binary;
using System.Numerics;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>MD4 (RFC 1320), which the framework does not have and Microsoft's password hash is made with.</summary>
static class Md4
{
    /// <summary>For each step of a round, which word of the block it takes.</summary>
    static ReadOnlySpan<byte> Words =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
        0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15,
    ];

    static ReadOnlySpan<byte> Shifts => [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];

    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        var whole = data.Length / 64 * 64;
        for (var at = 0; at < whole; at += 64)
            Mix(state, data.Slice(at, 64));

        Span<byte> tail = stackalloc byte[128];
        tail.Clear();
        data[whole..].CopyTo(tail);
        tail[data.Length - whole] = 0x80;
        var padded = data.Length - whole < 56 ? 64 : 128;
        BinaryPrimitives.WriteUInt64LittleEndian(tail[(padded - 8)..], (ulong)data.Length * 8);
        for (var at = 0; at < padded; at += 64)
            Mix(state, tail.Slice(at, 64));

        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(digest[(4 * i)..], state[i]);
    }

    static void Mix(Span<uint> state, ReadOnlySpan<byte> block)
    {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        for (var step = 0; step < 48; step++)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * Words[step])..]);
            var (mixed, constant) = (step / 16) switch
            {
                0 => ((b & c) | (~b & d), 0u),
                1 => ((b & c) | (b & d) | (c & d), 0x5a827999u),
                _ => (b ^ c ^ d, 0x6ed9eba1u),
            };
            var turned = BitOperations.RotateLeft(a + mixed + word + constant, Shifts[step / 16 * 4 + step % 4]);
            (a, b, c, d) = (d, turned, b, c);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
