using System.Text.Json;
using System.Text.Json.Serialization;

namespace IspHost.Sdk;

/// <summary>An amount of data, from 0 to 2^63 - 1 bytes. In JSON it is the number of bytes.</summary>
[JsonConverter(typeof(DataVolumeJson))]
public readonly record struct DataVolume : IComparable<DataVolume>
{
    /// <summary>An amount in bytes, not negative.</summary>
    public DataVolume(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
    }

    /// <summary>Bytes of 8 bits: what RFC 2866 calls octets.</summary>
    public long Bytes { get; }

    /// <summary>Billions of bytes (10^9), exact: the unit of prices.</summary>
    public decimal Gigabytes => Bytes / 1_000_000_000m;

    /// <summary>An amount in billions of bytes (10^9).</summary>
    public static DataVolume FromGigabytes(long gigabytes) => new(checked(gigabytes * 1_000_000_000));

    /// <inheritdoc/>
    public int CompareTo(DataVolume other) => Bytes.CompareTo(other.Bytes);

    /// <summary>The sum.</summary>
    /// <exception cref="OverflowException">The sum is 2^63 bytes or more.</exception>
    public static DataVolume operator +(DataVolume left, DataVolume right) => new(checked(left.Bytes + right.Bytes));

    /// <summary>The difference.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The right side is larger: usage is never negative.</exception>
    public static DataVolume operator -(DataVolume left, DataVolume right) => new(left.Bytes - right.Bytes);

    /// <summary>Less than.</summary>
    public static bool operator <(DataVolume left, DataVolume right) => left.Bytes < right.Bytes;

    /// <summary>More than.</summary>
    public static bool operator >(DataVolume left, DataVolume right) => left.Bytes > right.Bytes;

    /// <summary>Not more than.</summary>
    public static bool operator <=(DataVolume left, DataVolume right) => left.Bytes <= right.Bytes;

    /// <summary>Not less than.</summary>
    public static bool operator >=(DataVolume left, DataVolume right) => left.Bytes >= right.Bytes;

    /// <summary>Bytes with the unit, for a log.</summary>
    public override string ToString() => $"{Bytes} B";
}

/// <summary>Writes a volume as its number of bytes.</summary>
public sealed class DataVolumeJson : JsonConverter<DataVolume>
{
    /// <inheritdoc/>
    public override DataVolume Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var bytes) && bytes >= 0
            ? new DataVolume(bytes)
            : throw new JsonException("Expected bytes, a whole number that is not negative.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DataVolume value, JsonSerializerOptions options)
        => writer.WriteNumberValue(value.Bytes);
}
