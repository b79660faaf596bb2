using System.Buffers.Binary;
using System.Numerics;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>DES for one block (FIPS 46-3), as MS-CHAPv2 uses it.</summary>
/// <remarks>
/// The framework's DES refuses weak keys, which a password's hash may well contain, and makes an object for each key.
/// Bits are numbered as the standard does: 1 is the most significant.
/// </remarks>
static class Des
{
    static readonly byte[] InitialPermutation =
    [
        58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
        57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
    ];

    static readonly byte[] FinalPermutation = Inverse(InitialPermutation);

    static readonly byte[] KeyChoice1 =
    [
        57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
        63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
    ];

    static readonly byte[] KeyChoice2 =
    [
        14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
        41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
    ];

    static readonly byte[] RoundPermutation =
        [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25];

    static readonly byte[] KeyShifts = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

    /// <summary>The eight substitution boxes, four rows of 16 hexadecimal digits each.</summary>
    static readonly string[] Boxes =
    [
        "e4d12fb83a6c5907" + "0f74e2d1a6cb9538" + "41e8d62bfc973a50" + "fc8249175b3ea06d",
        "f18e6b34972dc05a" + "3d47f28ec01a69b5" + "0e7ba4d158c6932f" + "d8a13f42b67c05e9",
        "a09e63f51dc7b428" + "d709346a285ecbf1" + "d6498f30b12c5ae7" + "1ad069874fe3b52c",
        "7de3069a1285bc4f" + "d8b56f03472c1ae9" + "a690cb7df13e5284" + "3f06a1d8945bc72e",
        "2c417ab6853fd0e9" + "eb2c47d150fa3986" + "421bad78f9c5630e" + "b8c71e2d6f09a453",
        "c1af92680d34e75b" + "af427c9561de0b38" + "9ef528c3704a1db6" + "432c95fabe17608d",
        "4b2ef08d3c975a61" + "d0b7491ae35c2f86" + "14bdc37eaf680592" + "6bd814a7950fe23c",
        "d2846fb1a93e50c7" + "1fd8a374c56b0e92" + "7b419ce206adf358" + "21e74a8dfc90356b",
    ];

    /// <summary>Substitution and round permutation in one: 64 entries for each box.</summary>
    static readonly uint[] Substitution = Substitutions();

    /// <summary>Encrypts a block of 8 octets under 7 octets of key: the parity bits are not part of it.</summary>
    public static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> block, Span<byte> result)
    {
        var state = Permute(BinaryPrimitives.ReadUInt64BigEndian(block), 64, InitialPermutation);
        var chosen = Permute(WithParity(key), 64, KeyChoice1);
        var (left, right) = ((uint)(state >> 32), (uint)state);
        var (c, d) = ((uint)(chosen >> 28), (uint)chosen & 0xfffffff);
        foreach (var shift in KeyShifts)
        {
            (c, d) = (Turn(c, shift), Turn(d, shift));
            var roundKey = Permute(((ulong)c << 28) | d, 56, KeyChoice2);
            (left, right) = (right, left ^ Round(right, roundKey));
        }
        BinaryPrimitives.WriteUInt64BigEndian(result, Permute(((ulong)right << 32) | left, 64, FinalPermutation));
    }

    /// <summary>Spreads 56 bits over 8 octets, each with a parity bit that makes its number of ones odd.</summary>
    public static ulong WithParity(ReadOnlySpan<byte> key)
    {
        ulong bits = 0, spread = 0;
        foreach (var octet in key[..7])
            bits = (bits << 8) | octet;
        for (var i = 0; i < 8; i++)
        {
            var seven = (uint)(bits >> (49 - 7 * i)) & 0x7f;
            spread = (spread << 8) | (seven << 1) | (1 ^ ((uint)BitOperations.PopCount(seven) & 1));
        }
        return spread;
    }

    static uint Round(uint half, ulong roundKey)
    {
        // Each box takes 6 bits: 4 of its own and the neighbouring one on both sides, which a rotation brings together.
        var turned = BitOperations.RotateRight(half, 1);
        uint result = 0;
        for (var box = 0; box < 8; box++)
        {
            var six = (BitOperations.RotateLeft(turned, 4 * box + 6) & 0x3f) ^ (uint)(roundKey >> (42 - 6 * box) & 0x3f);
            result |= Substitution[box * 64 + (int)six];
        }
        return result;
    }

    static uint Turn(uint half, int by) => ((half << by) | (half >> (28 - by))) & 0xfffffff;

    static ulong Permute(ulong bits, int width, byte[] order)
    {
        ulong result = 0;
        foreach (var bit in order)
            result = (result << 1) | ((bits >> (width - bit)) & 1);
        return result;
    }

    static byte[] Inverse(byte[] order)
    {
        var inverse = new byte[order.Length];
        for (var i = 0; i < order.Length; i++)
            inverse[order[i] - 1] = (byte)(i + 1);
        return inverse;
    }

    static uint[] Substitutions()
    {
        var table = new uint[8 * 64];
        for (var i = 0; i < table.Length; i++)
        {
            var six = i % 64;
            var row = ((six >> 4) & 2) | (six & 1);
            var value = Convert.ToUInt32(Boxes[i / 64].Substring(row * 16 + ((six >> 1) & 0xf), 1), 16);
            table[i] = (uint)Permute((ulong)value << (28 - 4 * (i / 64)), 32, RoundPermutation);
        }
        return table;
    }
}
