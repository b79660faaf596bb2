using System.Text.Json.Serialization;
using NodaTime;

namespace IspHost.Sdk;

/// <summary>Whole days from <see cref="Start"/> up to, but not including, <see cref="End"/>, in a zone that the context names.</summary>
public readonly record struct DateRange
{
    /// <summary>A range of at least one day.</summary>
    /// <exception cref="ArgumentException">The end is not after the start.</exception>
    [JsonConstructor]
    public DateRange(LocalDate start, LocalDate end)
    {
        if (end <= start)
            throw new ArgumentException($"A range must end after it starts: {start:R} to {end:R}.", nameof(end));
        (Start, End) = (start, end);
    }

    /// <summary>The first day.</summary>
    public LocalDate Start { get; }

    /// <summary>The day after the last one.</summary>
    public LocalDate End { get; }

    /// <summary>How many days there are: at least 1.</summary>
    [JsonIgnore]
    public int Days => Period.DaysBetween(Start, End);

    /// <summary>A calendar month.</summary>
    public static DateRange Month(YearMonth month) => new(month.OnDayOfMonth(1), month.OnDayOfMonth(1).PlusMonths(1));

    /// <summary>Whether the day lies in the range.</summary>
    public bool Contains(LocalDate day) => Start <= day && day < End;

    /// <summary>The days that both ranges have, or null if they have none.</summary>
    public DateRange? Intersect(DateRange other)
    {
        var (start, end) = (LocalDate.Max(Start, other.Start), LocalDate.Min(End, other.End));
        return start < end ? new DateRange(start, end) : null;
    }

    /// <summary>The instants from the start of the first day to the start of the day after the last, in the zone.</summary>
    public Interval InZone(DateTimeZone zone) => new(zone.AtStartOfDay(Start).ToInstant(), zone.AtStartOfDay(End).ToInstant());

    /// <summary>ISO dates with a slash: <c>2026-10-01/2026-11-01</c>; the end is excluded.</summary>
    public override string ToString() => $"{Start:R}/{End:R}";
}
