using System.Text.Json;
using System.Text.Json.Serialization;

namespace IspHost.Sdk;

/// <summary>A line speed. In JSON it is the number of bits a second.</summary>
[JsonConverter(typeof(BitRateJson))]
public readonly record struct BitRate : IComparable<BitRate>
{
    /// <summary>A speed in bits a second, not negative. Zero means that no speed is set.</summary>
    public BitRate(long bitsPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bitsPerSecond);
        BitsPerSecond = bitsPerSecond;
    }

    /// <summary>Bits a second.</summary>
    public long BitsPerSecond { get; }

    /// <summary>Thousand bits a second, rounded down: most NAS take their limits so.</summary>
    public long Kilobits => BitsPerSecond / 1000;

    /// <summary>A speed in thousand bits a second.</summary>
    public static BitRate FromKilobits(long kilobits) => new(checked(kilobits * 1000));

    /// <summary>A speed in million bits a second.</summary>
    public static BitRate FromMegabits(long megabits) => new(checked(megabits * 1_000_000));

    /// <inheritdoc/>
    public int CompareTo(BitRate other) => BitsPerSecond.CompareTo(other.BitsPerSecond);

    /// <summary>Slower than.</summary>
    public static bool operator <(BitRate left, BitRate right) => left.BitsPerSecond < right.BitsPerSecond;

    /// <summary>Faster than.</summary>
    public static bool operator >(BitRate left, BitRate right) => left.BitsPerSecond > right.BitsPerSecond;

    /// <summary>Not faster than.</summary>
    public static bool operator <=(BitRate left, BitRate right) => left.BitsPerSecond <= right.BitsPerSecond;

    /// <summary>Not slower than.</summary>
    public static bool operator >=(BitRate left, BitRate right) => left.BitsPerSecond >= right.BitsPerSecond;

    /// <summary>The largest unit that leaves a whole number: <c>100M</c>, <c>512k</c>, <c>1</c>.</summary>
    public override string ToString() => BitsPerSecond switch
    {
        > 0 when BitsPerSecond % 1_000_000 == 0 => $"{BitsPerSecond / 1_000_000}M",
        > 0 when BitsPerSecond % 1000 == 0 => $"{BitsPerSecond / 1000}k",
        _ => $"{BitsPerSecond}",
    };
}

/// <summary>Writes a speed as its number of bits a second.</summary>
public sealed class BitRateJson : JsonConverter<BitRate>
{
    /// <inheritdoc/>
    public override BitRate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var bits) && bits >= 0
            ? new BitRate(bits)
            : throw new JsonException("Expected bits a second, a whole number that is not negative.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BitRate value, JsonSerializerOptions options)
        => writer.WriteNumberValue(value.BitsPerSecond);
}
