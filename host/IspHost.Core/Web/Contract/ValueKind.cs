using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;
using IspHost.Sdk;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Core.Web.Contract;

/// <summary>How a kind of value is written, in requests and answers: what the document says and what is refused follow from it.</summary>
/// <param name="Rule">What a field must be, as it stands in a refusal.</param>
/// <param name="Type">The type of JSON.</param>
/// <param name="Example">For the document.</param>
sealed record ValueKind(string Rule, string Type, string Example)
{
    /// <summary>The format of JSON Schema, where there is one.</summary>
    public string? Format { get; init; }

    /// <summary>How its text looks, as a regular expression that JavaScript understands as well.</summary>
    public string? Pattern { get; init; }

    /// <summary>Bounds of a number.</summary>
    public (long Least, long Most)? Range { get; init; }

    /// <summary>Whether a text is one.</summary>
    public Func<string, bool> Reads { get; init; } = static _ => true;

    const int LongestText = 1000;

    static readonly ValueKind Text = new($"at most {LongestText} characters, none of them a control character", "string", "text")
    {
        Reads = PlainText.IsPlain,
    };

    static readonly ValueKind Id = new("a UUID", "string", "01987f3c-5b1e-7c9a-8d24-3f6b0a5e7c11")
    {
        Format = "uuid",
        Reads = static text => Guid.TryParseExact(text, "D", out _),
    };

    static readonly Dictionary<Type, ValueKind> Known = new()
    {
        [typeof(string)] = Text,
        [typeof(bool)] = new("true or false", "boolean", "true") { Reads = static text => text is "true" or "false" },
        [typeof(short)] = Whole(short.MinValue, short.MaxValue, "int32"),
        [typeof(int)] = Whole(int.MinValue, int.MaxValue, "int32"),
        [typeof(long)] = Whole(long.MinValue, long.MaxValue, "int64"),
        [typeof(double)] = new("a number", "number", "12.5") { Format = "double" },
        [typeof(decimal)] = new("a decimal number as a string, such as \"20.50\"", "string", "20.50")
        {
            Pattern = "^-?[0-9]{1,16}(\\.[0-9]{1,12})?$",
            Reads = IsDecimal,
        },
        [typeof(Guid)] = Id,
        [typeof(Instant)] = new("an instant in UTC, such as 2026-10-01T00:00:00Z", "string", "2026-10-01T00:00:00Z")
        {
            Format = "date-time",
            Pattern = "Z$",
            Reads = static text => InstantPattern.ExtendedIso.Parse(text).Success,
        },
        [typeof(LocalDate)] = new("a date, such as 2026-10-01", "string", "2026-10-01")
        {
            Format = "date",
            Reads = static text => LocalDatePattern.Iso.Parse(text).Success,
        },
        [typeof(LocalDateTime)] = new("a date and time of a clock, such as 2026-10-01T22:00:00", "string", "2026-10-01T22:00:00")
        {
            Pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$",
            Reads = static text => LocalDateTimePattern.GeneralIso.Parse(text).Success,
        },
        [typeof(Currency)] = new("a currency code of ISO 4217, such as EUR", "string", "EUR")
        {
            Pattern = "^[A-Z]{3}$",
            Reads = static text => Currency.TryOf(text, out _),
        },
        [typeof(BitRate)] = Whole(0, long.MaxValue, "int64") with { Rule = "a whole number of bits a second", Example = "100000000" },
        [typeof(DataVolume)] = Whole(0, long.MaxValue, "int64") with { Rule = "a whole number of bytes", Example = "1500000000" },
        [typeof(IPAddress)] = new("an IP address", "string", "192.0.2.1") { Reads = static text => IPAddress.TryParse(text, out _) },
    };

    /// <summary>The kind of a type that is written as one value; null if it has parts, or is not known.</summary>
    public static ValueKind? Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Known.TryGetValue(type, out var kind))
            return kind;
        if (type.IsEnum)
            return OneOf(type);
        return type.GetInterfaces().Any(of => of.IsGenericType && of.GetGenericTypeDefinition() == typeof(IId<>)) ? Id : null;
    }

    /// <summary>The names of an enumeration, as they are written.</summary>
    public static IReadOnlyList<string> NamesOf(Type type) => [.. Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>What a field must be that has rules besides: of a text they say it all.</summary>
    public string RuleWith(IReadOnlyList<FieldRule> rules) => (rules.Count, Type) switch
    {
        (0, _) => Rule,
        (_, "string") => string.Join(", ", rules.Select(rule => rule.Rule)),
        _ => $"{Rule}, {string.Join(", ", rules.Select(rule => rule.Rule))}",
    };

    /// <summary>Whether a value of JSON is one.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isBounded">Whether another rule says how long a text may be.</param>
    public bool Holds(JsonElement value, bool isBounded) => Type switch
    {
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind is JsonValueKind.Number && IsWithinRange(value),
        "number" => value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number),
        _ => value.ValueKind is JsonValueKind.String && IsText(value.GetString()!, isBounded),
    };

    /// <summary>Whether a parameter of the query is one.</summary>
    public bool Holds(string text, bool isBounded) => Type is "string" ? IsText(text, isBounded) : Reads(text);

    bool IsText(string text, bool isBounded) => (isBounded || text.Length <= LongestText) && Reads(text);

    bool IsWithinRange(JsonElement value)
        => value.TryGetInt64(out var number) && Range is var (least, most) && number >= least && number <= most;

    static ValueKind Whole(long least, long most, string format) => new("a whole number", "integer", "1")
    {
        Format = format,
        Range = (least, most),
        Reads = text => BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most,
    };

    static ValueKind OneOf(Type type)
    {
        var names = NamesOf(type);
        return new($"one of {string.Join(", ", names)}", "string", names[0]) { Reads = names.Contains };
    }

    static bool IsDecimal(string text)
        => text.Length <= 32 && decimal.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
}
