using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IspHost.Sdk;

namespace IspHost.Core.Web.Contract;

/// <summary>How amounts are written: money with the digits of its currency, and more only where it is finer; rates in short.</summary>
static class Amounts
{
    /// <summary>Has the decimals of a type written so.</summary>
    public static void Write(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.PropertyType == typeof(decimal)))
        {
            if (type.Type == typeof(Money))
                property.Get = static money => ((Money)money).InDigits().Amount;
            else if (property.CustomConverter is DecimalString)
                property.CustomConverter = new Rate();
        }
    }

    /// <summary>Without zeros at the end of its decimals.</summary>
    static decimal Plain(decimal number) => number / 1.0000000000000000000000000000m;

    /// <summary>A decimal that is no money.</summary>
    public sealed class Rate : JsonConverter<decimal>
    {
        /// <inheritdoc/>
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => decimal.Parse(
                reader.GetString()!, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
            => writer.WriteStringValue(Plain(value).ToString(CultureInfo.InvariantCulture));
    }
}
