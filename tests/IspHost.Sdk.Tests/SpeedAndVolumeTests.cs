using System.Text.Json;

namespace IspHost.Sdk.Tests;

public sealed class SpeedAndVolumeTests
{
    [Theory]
    [InlineData(100_000_000, "100M")]
    [InlineData(512_000, "512k")]
    [InlineData(1_500_000, "1500k")]
    [InlineData(1, "1")]
    [InlineData(0, "0")]
    [InlineData(1001, "1001")]
    public void A_speed_is_shown_in_its_largest_whole_unit(long bits, string expected) => Assert.Equal(expected, $"{new BitRate(bits)}");

    [Fact]
    public void A_speed_is_not_negative() => Assert.Throws<ArgumentOutOfRangeException>(() => new BitRate(-1));

    [Fact]
    public void A_speed_that_does_not_fit_is_an_error() => Assert.Throws<OverflowException>(() => BitRate.FromMegabits(long.MaxValue));

    [Fact]
    public void Kilobits_are_rounded_down() => Assert.Equal(1, new BitRate(1999).Kilobits);

    [Fact]
    public void Speeds_compare()
    {
        var (slow, fast) = (BitRate.FromKilobits(512), BitRate.FromMegabits(1));
        Assert.True(slow < fast && fast > slow && slow <= fast && fast >= slow && slow.CompareTo(fast) < 0);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    [InlineData("9223372036854775808")]
    public void Json_that_is_no_whole_number_is_an_error(string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<BitRate>(json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DataVolume>(json));
    }

    [Fact]
    public void Json_is_a_number()
    {
        Assert.Equal("512000", JsonSerializer.Serialize(BitRate.FromKilobits(512)));
        Assert.Equal("9223372036854775807", JsonSerializer.Serialize(new DataVolume(long.MaxValue)));
        Assert.Equal(new DataVolume(long.MaxValue), JsonSerializer.Deserialize<DataVolume>("9223372036854775807"));
    }

    [Fact]
    public void Gigabytes_are_exact() => Assert.Equal(1.000000001m, new DataVolume(1_000_000_001).Gigabytes);

    [Fact]
    public void Volumes_add_and_never_wrap()
    {
        Assert.Equal(new DataVolume(3), new DataVolume(1) + new DataVolume(2));
        Assert.Throws<OverflowException>(() => new DataVolume(long.MaxValue) + new DataVolume(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataVolume(1) - new DataVolume(2));
        Assert.Throws<OverflowException>(() => DataVolume.FromGigabytes(long.MaxValue));
    }
}
