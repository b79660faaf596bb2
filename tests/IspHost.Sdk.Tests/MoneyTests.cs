using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace IspHost.Sdk.Tests;

public sealed class MoneyTests
{
    static readonly Currency Eur = Currency.Of("EUR");

    static readonly Gen<Currency> Currencies = Gen.Int[0, 2].Select(i => Currency.Of(new[] { "EUR", "JPY", "KWD" }[i]));

    static readonly Gen<Money> Amounts = Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Currencies, Money.FromMinor);

    static readonly Gen<decimal[]> Weights = Gen.Int[0, 1_000_000].Select(weight => weight / 1000m).Array[1, 30]
        .Where(weights => weights.Any(weight => weight > 0m));

    [Theory]
    [InlineData("10.00", 3, "3.34 3.33 3.33")]
    [InlineData("-10.00", 3, "-3.34 -3.33 -3.33")]
    [InlineData("0.02", 3, "0.01 0.01 0.00")]
    [InlineData("0.00", 2, "0.00 0.00")]
    [InlineData("10.00", 1, "10.00")]
    public void A_split_shares_equally(string amount, int parts, string expected)
        => Assert.Equal(expected, Show(new Money(decimal.Parse(amount, CultureInfo.InvariantCulture), Eur).Split(parts)));

    [Theory]
    [InlineData("1.00", "1 1 1", "0.34 0.33 0.33")]
    [InlineData("1.00", "0 1 0", "0.00 1.00 0.00")]
    [InlineData("0.05", "3 7", "0.02 0.03")]
    [InlineData("100.00", "50 30 20", "50.00 30.00 20.00")]
    public void A_split_by_weight_gives_the_rest_to_the_largest_remainder(string amount, string weights, string expected)
    {
        var shares = new Money(decimal.Parse(amount, CultureInfo.InvariantCulture), Eur)
            .Split([.. weights.Split(' ').Select(weight => decimal.Parse(weight, CultureInfo.InvariantCulture))]);
        Assert.Equal(expected, Show(shares));
    }

    [Fact]
    public void A_split_loses_nothing() => Gen.Select(Amounts, Weights).Sample((amount, weights)
        => amount.Split(weights).Aggregate(Money.Zero(amount.Currency), (sum, part) => sum + part) == amount);

    [Fact]
    public void No_part_is_a_smallest_unit_or_more_away_from_its_exact_share() => Gen.Select(Amounts, Weights).Sample((amount, weights)
        => amount.Split(weights).Select((part, i)
            => Math.Abs(part.ToMinor() - amount.ToMinor() * weights[i] / weights.Sum())).All(off => off < 1m));

    [Fact]
    public void No_part_has_the_other_sign() => Gen.Select(Amounts, Weights).Sample((amount, weights)
        => amount.Split(weights).All(part => part.Amount == 0m || Math.Sign(part.Amount) == Math.Sign(amount.Amount)));

    [Fact]
    public void A_weight_of_zero_gets_nothing() => Gen.Select(Amounts, Weights).Sample((amount, weights)
        => amount.Split(weights).Where((_, i) => weights[i] == 0m).All(part => part.Amount == 0m));

    [Fact]
    public void A_credit_is_split_as_its_charge() => Gen.Select(Amounts, Weights).Sample((amount, weights)
        => (-amount).Split(weights).SequenceEqual(amount.Split(weights).Select(part => -part)));

    [Fact]
    public void A_split_by_nothing_is_an_error()
    {
        Assert.Throws<ArgumentException>(() => Money.FromMinor(1, Eur).Split([0m, 0m]));
        Assert.Throws<ArgumentException>(() => Money.FromMinor(1, Eur).Split([-1m, 2m]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Money.FromMinor(1, Eur).Split(0));
    }

    [Fact]
    public void Only_rounded_money_is_split() => Assert.Throws<InvalidOperationException>(() => new Money(0.005m, Eur).Split(2));

    [Theory]
    [InlineData("EUR", "2.345", MidpointRounding.AwayFromZero, "2.35")]
    [InlineData("EUR", "-2.345", MidpointRounding.AwayFromZero, "-2.35")]
    [InlineData("EUR", "2.345", MidpointRounding.ToEven, "2.34")]
    [InlineData("EUR", "2.355", MidpointRounding.ToEven, "2.36")]
    [InlineData("EUR", "2.349", MidpointRounding.ToZero, "2.34")]
    [InlineData("JPY", "2.5", MidpointRounding.AwayFromZero, "3")]
    [InlineData("KWD", "2.0005", MidpointRounding.AwayFromZero, "2.001")]
    public void Rounding_keeps_the_decimals_of_the_currency(string currency, string amount, MidpointRounding mode, string expected)
    {
        var money = new Money(decimal.Parse(amount, CultureInfo.InvariantCulture), Currency.Of(currency));
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), money.Round(mode).Amount);
    }

    [Theory]
    [InlineData("10.02", "10.00")]
    [InlineData("10.025", "10.05")]
    [InlineData("10.07", "10.05")]
    [InlineData("-10.025", "-10.05")]
    public void Cash_is_rounded_to_a_coarser_step(string amount, string expected)
    {
        var rounded = new Money(decimal.Parse(amount, CultureInfo.InvariantCulture), Eur).Round(MidpointRounding.AwayFromZero, 0.05m);
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), rounded.Amount);
    }

    [Fact]
    public void Smallest_units_and_back_are_the_same()
        => Amounts.Sample(amount => Money.FromMinor(amount.ToMinor(), amount.Currency) == amount);

    [Fact]
    public void An_unrounded_amount_has_no_smallest_units()
        => Assert.Throws<InvalidOperationException>(() => new Money(0.001m, Eur).ToMinor());

    [Fact]
    public void Currencies_do_not_mix()
    {
        var mismatch = Assert.Throws<CurrencyMismatchException>(() => Money.FromMinor(1, Eur) + Money.FromMinor(1, Currency.Of("USD")));
        Assert.Equal(("EUR", "USD"), (mismatch.Expected.Code, mismatch.Actual.Code));
        Assert.Throws<CurrencyMismatchException>(() => Money.FromMinor(1, Eur) - default(Money));
    }

    [Fact]
    public void Json_has_the_amount_as_a_string()
    {
        var json = JsonSerializer.Serialize(new Money(20.50m, Eur), SdkJson.NewOptions());
        Assert.Equal("""{"amount":"20.50","currency":"EUR"}""", json);
    }

    [Fact]
    public void Json_and_back_is_the_same() => Amounts.Sample(amount
        => JsonSerializer.Deserialize<Money>(JsonSerializer.Serialize(amount, SdkJson.NewOptions()), SdkJson.NewOptions()) == amount);

    [Theory]
    [InlineData("""{"amount":20.50,"currency":"EUR"}""")]
    [InlineData("""{"amount":"20.50","currency":"EUR"}""")]
    public void Json_is_read_from_a_string_or_a_number(string json)
        => Assert.Equal(new Money(20.50m, Eur), JsonSerializer.Deserialize<Money>(json, SdkJson.NewOptions()));

    [Theory]
    [InlineData("""{"amount":"1,5","currency":"EUR"}""")]
    [InlineData("""{"amount":"1e3","currency":"EUR"}""")]
    [InlineData("""{"amount":" 1","currency":"EUR"}""")]
    [InlineData("""{"amount":true,"currency":"EUR"}""")]
    [InlineData("""{"amount":"1","currency":"EURO"}""")]
    [InlineData("""{"amount":"1","currency":"eur"}""")]
    public void Json_that_is_no_money_is_an_error(string json)
        => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Money>(json, SdkJson.NewOptions()));

    [Fact]
    public void A_log_shows_amount_and_currency() => Assert.Equal("20.50 EUR", $"{new Money(20.50m, Eur)}");

    static string Show(IEnumerable<Money> parts)
        => string.Join(' ', parts.Select(part => part.Amount.ToString("F2", CultureInfo.InvariantCulture)));
}
