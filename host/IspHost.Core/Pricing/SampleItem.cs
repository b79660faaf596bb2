using System.Globalization;
using IspHost.Sdk.Rating;

namespace IspHost.Core.Pricing;

/// <summary>The item that a script is tried on: a family in Athens in March 2024, when the clocks went forward.</summary>
public static class SampleItem
{
    /// <summary>The item.</summary>
    public static RatingItem Value { get; } = new()
    {
        Quantity = 250m,
        Rate = 0.10m,
        Currency = "EUR",
        Account = new RatedAccount
        {
            Id = "A-1001",
            Segment = "residential",
            ActiveSince = new DateOnly(2019, 2, 28),
            Lines = 3,
            Products = ["fiber-300", "voice-basic", "tv-start"],
            Tags = ["family", "autopay"],
        },
        Period = new RatedPeriod(new DateOnly(2024, 3, 1), new DateOnly(2024, 4, 1)),
        Plan = "fiber-300",
        Usage =
        [
            Entry("2024-03-04T09:15:00+02:00", "voice", "+302101234567", seconds: 61),
            Entry("2024-03-04T19:45:00+02:00", "voice", "+302101234567", seconds: 30),
            Entry("2024-03-09T10:00:00+02:00", "voice", "+447911123456", seconds: 125),
            Entry("2024-03-10T23:59:30+02:00", "voice", "+306971234567", seconds: 45),
            Entry("2024-03-31T02:30:00+02:00", "data", gigabytes: 12.5m),
            Entry("2024-03-31T04:30:00+03:00", "data", gigabytes: 20.25m),
            Entry("2024-03-15T14:00:00+02:00", "data", gigabytes: 40m),
            Entry("2024-03-20T21:00:00+02:00", "data", gigabytes: 7.25m),
            Entry("2024-03-21T08:00:00+02:00", "sms", "+302101234567"),
        ],
    };

    static UsageEntry Entry(string start, string kind, string destination = "", long seconds = 0, decimal gigabytes = 0m)
        => new(DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), kind, destination, seconds, gigabytes);
}
