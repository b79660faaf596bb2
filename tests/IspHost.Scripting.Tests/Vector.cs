using System.Collections.Immutable;
using System.Globalization;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Tests;

/// <summary>A script of tests/vectors/scripts, and the item that its first line assumes.</summary>
sealed record Vector(string Name, string Source)
{
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "vectors");

    public static TheoryData<string> Good => Names("good");

    public static TheoryData<string> Hostile => Names("hostile");

    public static Vector Read(string name) => new(name, File.ReadAllText(Path.Combine(Folder, name)));

    public string Expected => Source[..Source.IndexOf('\n', StringComparison.Ordinal)].Split("EXPECT:")[1].Trim();

    public decimal ExpectedPrice => decimal.Parse(Expected, CultureInfo.InvariantCulture);

    public bool IsRefused => EndsIn("REJECT");

    public bool IsStopped => EndsIn("STOP");

    /// <summary>The codes that the first line names; any of them is right.</summary>
    public IReadOnlyList<string> Codes
        => [.. Expected.Split([' ', '/', ',', '(', ')']).Where(word => word.StartsWith("SBX", StringComparison.Ordinal))];

    public static RatingItem Item { get; } = new()
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
        Usage = Usage(
            """
            2024-03-04T09:15:00+02:00  voice  +302101234567    61  0
            2024-03-04T19:45:00+02:00  voice  +302101234567    30  0
            2024-03-09T10:00:00+02:00  voice  +447911123456   125  0
            2024-03-10T23:59:30+02:00  voice  +306971234567    45  0
            2024-03-31T02:30:00+02:00  data   -                 0  12.5
            2024-03-31T04:30:00+03:00  data   -                 0  20.25
            2024-03-15T14:00:00+02:00  data   -                 0  40
            2024-03-20T21:00:00+02:00  data   -                 0  7.25
            2024-03-21T08:00:00+02:00  sms    +302101234567     0  0
            """),
    };

    static TheoryData<string> Names(string kind)
        => [.. Directory.GetFiles(Path.Combine(Folder, kind), "*.csx").Select(path => $"{kind}/{Path.GetFileName(path)}").Order()];

    bool EndsIn(string verb)
        => Expected.StartsWith(verb, StringComparison.Ordinal) || Expected.Contains($"or {verb}", StringComparison.Ordinal);

    static ImmutableArray<UsageEntry> Usage(string table)
        => [.. table.Split('\n').Select(line => Entry(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];

    static UsageEntry Entry(string[] cells) => new(
        DateTimeOffset.Parse(cells[0], CultureInfo.InvariantCulture),
        cells[1],
        cells[2].TrimStart('-'),
        long.Parse(cells[3], CultureInfo.InvariantCulture),
        decimal.Parse(cells[4].Trim(), CultureInfo.InvariantCulture));
}
