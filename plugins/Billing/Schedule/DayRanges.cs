using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Billing;

static class DayRanges
{
    extension(DateRange range)
    {
        /// <summary>The days of the range that lie in none of the others, as ranges in order.</summary>
        public IReadOnlyList<DateRange> Without(IEnumerable<DateRange> others)
        {
            var left = new List<DateRange>();
            var start = range.Start;
            foreach (var hole in others.Select(other => other.Intersect(range)).OfType<DateRange>().OrderBy(hole => hole.Start))
            {
                if (hole.Start > start)
                    left.Add(new(start, hole.Start));
                start = LocalDate.Max(start, hole.End);
            }
            if (start < range.End)
                left.Add(new(start, range.End));
            return left;
        }

        public bool Overlaps(DateRange other) => range.Start < other.End && other.Start < range.End;
    }
}
