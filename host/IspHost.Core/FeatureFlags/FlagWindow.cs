using System.ComponentModel.DataAnnotations;
using Microsoft.FeatureManagement.FeatureFilters;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>A time in which a feature is on, as the tenant's clock shows it: a night stays a night when clocks are changed.</summary>
public sealed record FlagWindow
{
    /// <summary>When it opens; by default it has always been open.</summary>
    public LocalDateTime? From { get; init; }

    /// <summary>When it closes; by default never.</summary>
    public LocalDateTime? Until { get; init; }

    /// <summary>How it comes again, if it does.</summary>
    public FlagRepeat? Repeat { get; init; }

    internal TimeWindowFilterSettings ToSettings() => new()
    {
        Start = AsOfUtc(From),
        End = AsOfUtc(Until),
        Recurrence = Repeat?.ToRecurrence(),
    };

    /// <summary>What the clock shows, in the form in which the library adds days of 24 hours to it.</summary>
    internal static DateTimeOffset AsOfUtc(LocalDateTime time) => new(time.ToDateTimeUnspecified(), TimeSpan.Zero);

    static DateTimeOffset? AsOfUtc(LocalDateTime? time) => time is { } given ? AsOfUtc(given) : null;
}

/// <summary>How a window comes again.</summary>
public sealed record FlagRepeat
{
    /// <summary>Each day, or on days of the week.</summary>
    public required FlagRhythm Every { get; init; }

    /// <summary>2 for every other day or week, and so on. A week begins on Monday.</summary>
    [Range(1, 99)]
    public int Interval { get; init; } = 1;

    /// <summary>On which days of the week it opens; that of `from` must be one of them.</summary>
    [MaxLength(7)]
    public DayOfWeek[] Days { get; init; } = [];

    /// <summary>The last day on which it opens.</summary>
    public LocalDate? LastDay { get; init; }

    /// <summary>How often it opens in all.</summary>
    [Range(1, 10_000)]
    public int? Times { get; init; }

    internal Recurrence ToRecurrence() => new()
    {
        Pattern = new RecurrencePattern
        {
            Type = Every is FlagRhythm.Day ? RecurrencePatternType.Daily : RecurrencePatternType.Weekly,
            Interval = Interval,
            DaysOfWeek = Days,
            FirstDayOfWeek = DayOfWeek.Monday,
        },
        Range = ToRange(),
    };

    RecurrenceRange ToRange() => (LastDay, Times) switch
    {
        ({ } last, _) => new()
        {
            Type = RecurrenceRangeType.EndDate,
            EndDate = FlagWindow.AsOfUtc(last.At(LocalTime.MaxValue)),
        },
        (_, { } times) => new() { Type = RecurrenceRangeType.Numbered, NumberOfOccurrences = times },
        _ => new() { Type = RecurrenceRangeType.NoEnd },
    };
}

/// <summary>What a window comes again by.</summary>
public enum FlagRhythm
{
    /// <summary>Each day, at the same time.</summary>
    Day,

    /// <summary>On some days of the week.</summary>
    Week,
}
