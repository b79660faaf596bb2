using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IspHost.Sdk;

/// <summary>A currency of ISO 4217 with the number of its decimals.</summary>
/// <remarks>The default value is ISO's XXX, "no currency": it adds to no other.</remarks>
[JsonConverter(typeof(CurrencyJson))]
public readonly record struct Currency
{
    static readonly FrozenDictionary<string, int> Decimals = ReadTable().ToFrozenDictionary(StringComparer.Ordinal);

    readonly string? code;

    Currency(string code, int minorUnit) => (this.code, MinorUnit) = (code, minorUnit);

    /// <summary>Three upper-case letters.</summary>
    public string Code => code ?? "XXX";

    /// <summary>How many decimals an amount of money has: 2 for EUR, 0 for JPY, 3 for KWD.</summary>
    public int MinorUnit { get; }

    /// <summary>The currency with this code.</summary>
    /// <exception cref="ArgumentException">ISO 4217 has no active currency with this code.</exception>
    public static Currency Of(string code)
        => TryOf(code, out var currency) ? currency : throw new ArgumentException($"'{code}' is not a currency of ISO 4217.", nameof(code));

    /// <summary>The currency with this code, if ISO 4217 has one.</summary>
    public static bool TryOf(string? code, out Currency currency)
    {
        currency = default;
        if (code is null || !Decimals.TryGetValue(code, out var minorUnit))
            return false;
        currency = new Currency(code, minorUnit);
        return true;
    }

    /// <summary>Used by model binding; same rule as <see cref="TryOf"/>.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out Currency currency) => TryOf(text, out currency);

    /// <inheritdoc/>
    public override string ToString() => Code;

    /// <summary>ISO 4217 list one: the currencies by their number of decimals.</summary>
    static IEnumerable<KeyValuePair<string, int>> ReadTable()
    {
        (int MinorUnit, string Codes)[] table =
        [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
            (2, """
                AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP
                CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
                KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
                NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
                TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
                """),
            (3, "BHD IQD JOD KWD LYD OMR TND"),
        ];
        return table.SelectMany(row => row.Codes
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(code => KeyValuePair.Create(code, row.MinorUnit)));
    }
}

/// <summary>Writes a currency as its code.</summary>
public sealed class CurrencyJson : JsonConverter<Currency>
{
    /// <inheritdoc/>
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => Currency.TryOf(reader.GetString(), out var currency) ? currency : throw new JsonException("Not a currency code of ISO 4217.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.Code);
}
