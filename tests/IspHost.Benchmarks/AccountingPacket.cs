using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>What an access server sends about one session: it begins, reports twice, and ends. The same octets on every machine.</summary>
static class AccountingPacket
{
    public const int PerSession = 4;
    public const string Secret = "testing123";

    static readonly Duration Interval = Duration.FromMinutes(10);

    public static string UserName(int session) => string.Create(CultureInfo.InvariantCulture, $"user{session:D6}@example.net");

    public static byte[] SessionId(int session) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{session:x8}"));

    public static byte[] Of(int session, int step, byte identifier, Instant begin)
    {
        var packet = new List<byte> { 4, identifier, 0, 0 };
        packet.AddRange(new byte[16]);
        Add(40, step switch { 0 => 1, PerSession - 1 => 2, _ => 3 });
        AddOctets(44, SessionId(session));
        AddOctets(1, Encoding.UTF8.GetBytes(UserName(session)));
        AddOctets(4, IPAddress.Loopback.GetAddressBytes());
        AddOctets(8, [100, 64, (byte)(session >> 8), (byte)session]);
        AddOctets(87, Encoding.UTF8.GetBytes($"ether1/pppoe-{session}"));
        AddOctets(31, Encoding.UTF8.GetBytes($"02:00:00:00:{session >> 8 & 255:X2}:{session & 255:X2}"));
        AddOctets(30, "pppoe-internet"u8);
        Add(61, 5);
        Add(6, 2);
        Add(7, 1);
        Add(55, (uint)(begin + Interval * step).ToUnixTimeSeconds());
        if (step > 0)
            AddCounters();
        return Signed([.. packet]);

        void AddCounters()
        {
            Add(46, (uint)(Interval * step).TotalSeconds);
            Add(42, (uint)(step * (1_000_000 + session)));
            Add(43, (uint)(step * (10_000_000 + session)));
            Add(52, 0);
            Add(53, 0);
        }

        void Add(byte type, uint value)
        {
            Span<byte> octets = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(octets, value);
            AddOctets(type, octets);
        }

        void AddOctets(byte type, ReadOnlySpan<byte> value) => packet.AddRange([type, (byte)(value.Length + 2), .. value]);
    }

    /// <summary>RFC 2866 section 3: the hash of the packet with zeroes in the authenticator's place, and the secret.</summary>
    static byte[] Signed(byte[] packet)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        MD5.HashData([.. packet, .. Encoding.UTF8.GetBytes(Secret)]).CopyTo(packet, 4);
        return packet;
    }
}
