using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using IspHost.Sdk;

namespace IspHost.Core.FeatureFlags;

/// <summary>How Microsoft.FeatureManagement draws for percentages: it says to nobody what it has drawn, and an explanation must.</summary>
static class Draw
{
    /// <summary>What stands for somebody in draws and traces: the same everywhere, and none who reads it knows who it is.</summary>
    public static string NameOf(TenantId tenant, CustomerId? customer)
    {
        Span<byte> who = stackalloc byte[32];
        tenant.Value.TryWriteBytes(who, bigEndian: true, out _);
        (customer?.Value ?? Guid.Empty).TryWriteBytes(who[16..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(who, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>For a percentage of all.</summary>
    public static double ForFlag(string name, string flag) => Of($"{name}\n{flag}");

    /// <summary>For a percentage of a group: another draw for each group.</summary>
    public static double ForGroup(string name, string flag, string group) => Of($"{name}\n{flag}\n{group}");

    /// <summary>For a variant.</summary>
    public static double ForVariant(string name, string seed) => Of($"{name}\n{seed}");

    /// <summary>Whether a draw lies in a range, whose end belongs to it only if it is 100.</summary>
    public static bool LiesIn(double drawn, double from, double to) => drawn >= from && (drawn < to || to >= 100);

    /// <summary>With as many digits as somebody reads.</summary>
    public static string Text(double percentage) => percentage.ToString("0.##", CultureInfo.InvariantCulture);

    static double Of(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return BitConverter.ToUInt32(hash, 0) / (double)uint.MaxValue * 100;
    }
}
