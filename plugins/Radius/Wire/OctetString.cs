using System.Text;

namespace IspHost.Plugins.Radius.Wire;

/// <summary>What a peer sent where text is expected: any octets, which may be neither UTF-8 nor printable.</summary>
/// <remarks>It is compared and stored as octets, so nothing a peer sends can be too strange to be recorded.</remarks>
readonly struct OctetString(byte[] octets) : IEquatable<OctetString>, IComparable<OctetString>
{
    readonly byte[]? octets = octets;

    public byte[] Octets => octets ?? [];

    public bool Equals(OctetString other) => Octets.AsSpan().SequenceEqual(other.Octets);

    public override bool Equals(object? obj) => obj is OctetString other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Octets);
        return hash.ToHashCode();
    }

    public int CompareTo(OctetString other) => Octets.AsSpan().SequenceCompareTo(other.Octets);

    public static OctetString Of(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>For people: what is not printable is replaced, so that it can break neither a log line nor a page.</summary>
    public override string ToString()
    {
        var text = Encoding.UTF8.GetString(Octets);
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
    }
}
