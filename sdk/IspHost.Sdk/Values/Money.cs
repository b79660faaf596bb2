using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IspHost.Sdk;

/// <summary>An amount in a currency. Arithmetic is exact and never rounds.</summary>
/// <remarks>
/// The default value is zero of no currency and adds to nothing. In JSON the amount is a string:
/// <c>{ "amount": "20.50", "currency": "EUR" }</c>.
/// </remarks>
/// <param name="Amount">How much. In the API it has the digits of the currency, and more only where it is finer.</param>
/// <param name="Currency">Of what: ISO 4217.</param>
public readonly record struct Money(
    [property: JsonConverter(typeof(DecimalString))] decimal Amount,
    Currency Currency)
{
    /// <summary>No money of this currency.</summary>
    public static Money Zero(Currency currency) => new(0m, currency);

    /// <summary>An amount given in the currency's smallest unit: 1999 is 19.99 EUR, and 1999 JPY.</summary>
    public static Money FromMinor(long minor, Currency currency) => new(minor / Scale(currency), currency);

    /// <summary>The amount in the currency's smallest unit.</summary>
    /// <exception cref="InvalidOperationException">The amount has more decimals than the currency: round it first.</exception>
    /// <exception cref="OverflowException">The amount does not fit 64 bits.</exception>
    public long ToMinor()
    {
        var minor = Amount * Scale(Currency);
        return minor == decimal.Truncate(minor)
            ? decimal.ToInt64(minor)
            : throw new InvalidOperationException($"{this} has more decimals than {Currency}: round it first.");
    }

    /// <summary>Rounds to the currency's decimals, or to a coarser step such as 0.05 for cash.</summary>
    /// <remarks>Law decides the mode, so there is no default. Call it once, where an amount becomes a line.</remarks>
    /// <param name="mode">What happens to a half.</param>
    /// <param name="increment">The step, above zero; null for the currency's smallest unit.</param>
    public Money Round(MidpointRounding mode, decimal? increment = null)
    {
        var step = increment ?? 1m / Scale(Currency);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step, nameof(increment));
        return this with { Amount = decimal.Round(Amount / step, mode) * step };
    }

    /// <summary>Shares the amount equally without losing any of it: 10.00 in three is 3.34, 3.33, 3.33.</summary>
    public IReadOnlyList<Money> Split(int parts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        return Split(Enumerable.Repeat(1m, parts).ToArray());
    }

    /// <summary>Shares the amount by weight without losing any of it.</summary>
    /// <remarks>
    /// Each part is the exact share rounded towards zero; what is left over goes, one smallest unit each, to the parts that
    /// lost the most, and among equals to the first (the largest remainder method of Hamilton).
    /// </remarks>
    /// <param name="weights">Not negative, and not all zero.</param>
    /// <exception cref="InvalidOperationException">The amount has more decimals than its currency.</exception>
    public IReadOnlyList<Money> Split(IReadOnlyList<decimal> weights)
    {
        var total = weights.Sum();
        if (weights.Any(weight => weight < 0m) || total == 0m)
            throw new ArgumentException("Weights must not be negative, nor all zero.", nameof(weights));

        var minor = ToMinor();
        var exact = weights.Select(weight => minor * (weight / total)).ToArray();
        var parts = exact.Select(decimal.Truncate).ToArray();
        var left = minor - decimal.ToInt64(parts.Sum());
        var losers = Enumerable.Range(0, parts.Length)
            .Where(i => weights[i] > 0m)
            .OrderByDescending(i => Math.Abs(exact[i] - parts[i]))
            .ThenBy(i => i)
            .ToArray();
        for (var i = 0; i < Math.Abs(left); i++)
            parts[losers[i % losers.Length]] += Math.Sign(left);

        var currency = Currency;
        return [.. parts.Select(part => FromMinor(decimal.ToInt64(part), currency))];
    }

    /// <summary>The sum.</summary>
    /// <exception cref="CurrencyMismatchException">The currencies differ.</exception>
    public static Money operator +(Money left, Money right) => left with { Amount = left.Amount + right.In(left.Currency) };

    /// <summary>The difference.</summary>
    /// <exception cref="CurrencyMismatchException">The currencies differ.</exception>
    public static Money operator -(Money left, Money right) => left with { Amount = left.Amount - right.In(left.Currency) };

    /// <summary>The same amount with the other sign.</summary>
    public static Money operator -(Money money) => money with { Amount = -money.Amount };

    /// <summary>The product, unrounded.</summary>
    public static Money operator *(Money money, decimal factor) => money with { Amount = money.Amount * factor };

    /// <summary>The same amount, written with the digits of its currency, and with more only where it is finer: 24.90, 0.00125.</summary>
    public Money InDigits()
        => this with { Amount = (Amount / 1.0000000000000000000000000000m) + new decimal(0, 0, 0, false, (byte)Currency.MinorUnit) };

    /// <summary>For a log or an error, not for a customer: invariant culture, such as <c>20.50 EUR</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{InDigits().Amount} {Currency}");

    decimal In(Currency currency) => Currency == currency ? Amount : throw new CurrencyMismatchException(currency, Currency);

    static decimal Scale(Currency currency) => currency.MinorUnit switch { 0 => 1m, 2 => 100m, 3 => 1000m, _ => 10000m };
}

/// <summary>Two amounts of different currencies were to be added or compared.</summary>
public sealed class CurrencyMismatchException(Currency expected, Currency actual)
    : InvalidOperationException($"Expected an amount in {expected}, got one in {actual}.")
{
    /// <summary>The currency of the left operand.</summary>
    public Currency Expected { get; } = expected;

    /// <summary>The currency of the right operand.</summary>
    public Currency Actual { get; } = actual;
}

/// <summary>Writes a decimal as a JSON string, so that no reader makes a binary float of it; reads a string or a number.</summary>
public sealed class DecimalString : JsonConverter<decimal>
{
    /// <inheritdoc/>
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.GetDecimal();
        return reader.TokenType == JsonTokenType.String
            && decimal.TryParse(
                reader.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var value)
                ? value
                : throw new JsonException("Expected an amount as a string, such as \"20.50\".");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
}
