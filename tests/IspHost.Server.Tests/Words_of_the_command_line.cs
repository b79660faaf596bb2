using IspHost.Sdk;
using IspHost.Server.Commands;

namespace IspHost.Server.Tests;

public sealed class Words_of_the_command_line
{
    [Theory]
    [InlineData("24.9", "EUR", "24.90 EUR")]
    [InlineData("24.90000000", "EUR", "24.90 EUR")]
    [InlineData("-0.0375", "EUR", "-0.0375 EUR")]
    [InlineData("1500", "JPY", "1500 JPY")]
    [InlineData("12.5", "KWD", "12.500 KWD")]
    [InlineData("0", "GHS", "0.00 GHS")]
    public void Show_an_amount_with_all_decimals_of_its_currency(string amount, string currency, string shown)
        => Assert.Equal(shown, new Money(decimal.Parse(amount, null), Currency.Of(currency)).ToString());

    [Theory]
    [InlineData(0, "0 invoices")]
    [InlineData(1, "1 invoice")]
    [InlineData(1204, "1,204 invoices")]
    public void Count_one_thing_otherwise_than_several(int count, string shown)
        => Assert.Equal(shown, Wording.Count(count, "invoice"));

    [Fact]
    public void Are_not_silent_for_more_than_five_seconds_nor_said_at_every_change()
    {
        var lines = new ProgressLines();
        var said = Enumerable.Range(1, 60)
            .Where(second => lines.Due(TimeSpan.FromSeconds(second), second < 30 ? $"{second} done" : "30 done") is not null).ToList();

        var pauses = said.Prepend(0).Zip(said, (before, after) => after - before).ToList();
        Assert.All(pauses, pause => Assert.InRange(pause, 3, 4));
        Assert.InRange(60 - said[^1], 0, 4);
    }

    [Fact]
    public void Say_how_long_one_has_waited_and_for_what()
        => Assert.Equal(
            "   3 s  2 accounts to do", new ProgressLines().Due(TimeSpan.FromSeconds(3), "2 accounts to do"));
}
