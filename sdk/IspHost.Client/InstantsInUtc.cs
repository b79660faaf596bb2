using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Kiota.Serialization.Json;

namespace IspHost.Client;

/// <summary>Writes instants with the <c>Z</c> that the API asks for, and not with an offset of zero.</summary>
sealed class InstantsInUtc : JsonConverter<DateTimeOffset>
{
    public static KiotaJsonSerializationContext Context { get; } = new(new JsonSerializerOptions { Converters = { new InstantsInUtc() } });

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
}
