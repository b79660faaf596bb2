using System.Text.Json;

namespace IspHost.Sdk.Tests;

public sealed class CurrencyTests
{
    [Theory]
    [InlineData("EUR", 2)]
    [InlineData("GHS", 2)]
    [InlineData("JPY", 0)]
    [InlineData("ISK", 0)]
    [InlineData("KWD", 3)]
    [InlineData("TND", 3)]
    public void A_currency_has_its_number_of_decimals(string code, int decimals) => Assert.Equal(decimals, Currency.Of(code).MinorUnit);

    [Theory]
    [InlineData("")]
    [InlineData("eur")]
    [InlineData("XXX")]
    [InlineData("DEM")]
    [InlineData("EURO")]
    public void A_code_that_is_not_active_is_an_error(string code)
    {
        Assert.False(Currency.TryOf(code, out _));
        Assert.Contains($"'{code}'", Assert.Throws<ArgumentException>(() => Currency.Of(code)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_is_no_currency() => Assert.Equal(("XXX", 0), (default(Currency).Code, default(Currency).MinorUnit));

    [Fact]
    public void Json_is_the_code()
    {
        Assert.Equal("\"EUR\"", JsonSerializer.Serialize(Currency.Of("EUR")));
        Assert.Equal(Currency.Of("EUR"), JsonSerializer.Deserialize<Currency>("\"EUR\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Currency>("\"XXX\""));
    }

    [Fact]
    public void Json_of_another_kind_is_a_json_error() => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Currency>("978"));
}
