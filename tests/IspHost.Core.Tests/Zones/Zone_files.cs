using IspHost.Core.Zones;
using NodaTime;

namespace IspHost.Core.Tests.Zones;

public sealed class Zone_files : IDisposable
{
    readonly ZoneFile file = ZoneFile.Swapping("Europe/Athens", "Europe/Madrid");

    public void Dispose() => file.Dispose();

    [Fact]
    public void That_are_newer_than_the_build_decide_when_days_begin()
    {
        var rules = ZoneRules.From(file.Path);

        Assert.Equal(ZoneFile.Newer, rules.Version);
        Assert.Equal(
            Instant.FromUtc(2026, 1, 14, 23, 0),
            rules.Zones["Europe/Athens"].AtStartOfDay(new LocalDate(2026, 1, 15)).ToInstant());
        Assert.Equal("GR", ZoneRules.BuiltIn.CountryOf("Europe/Athens"));
    }

    [Fact]
    public void That_are_older_than_the_build_decide_nothing()
    {
        file.Write("2001a");

        Assert.Same(ZoneRules.BuiltIn, ZoneRules.From(file.Path));
    }

    [Theory]
    [InlineData("this is no time zone file")]
    [InlineData("")]
    [InlineData(null)]
    public void That_cannot_be_read_are_refused_in_one_line(string? text)
    {
        File.Delete(file.Path);
        if (text is not null)
            File.WriteAllText(file.Path, text);

        var refused = Assert.Throws<ZoneFileException>(() => ZoneRules.From(file.Path));

        Assert.StartsWith($"The time zone file {file.Path} cannot be read: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
