#!/usr/bin/env bash
# Microsoft.FeatureManagement 4.7.0: a time window that comes again each night begins an hour later, or earlier, once clocks have been changed.
#
# Start and end are instants with an offset, and a recurrence adds days of 24 hours to them. There is no way to name a time zone. The night of
# Athens from 22:00 to 06:00, written in winter with +02:00, is 23:00 to 07:00 from the last Sunday of March on.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package Microsoft.FeatureManagement@4.7.0
#:property PublishAot=false
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

var night = new TimeWindowFilterSettings
{
    Start = DateTimeOffset.Parse("2027-03-01T22:00:00+02:00"),
    End = DateTimeOffset.Parse("2027-03-02T06:00:00+02:00"),
    Recurrence = new Recurrence
    {
        Pattern = new RecurrencePattern { Type = RecurrencePatternType.Daily },
        Range = new RecurrenceRange { Type = RecurrenceRangeType.NoEnd },
    },
};
foreach (var time in new[] { "2027-03-27T22:30:00+02:00", "2027-03-28T06:30:00+03:00", "2027-03-28T22:30:00+03:00", "2027-03-29T06:30:00+03:00" })
{
    var filter = new TimeWindowFilter { SystemClock = new Stopped(DateTimeOffset.Parse(time)) };
    var isOpen = await filter.EvaluateAsync(new FeatureFilterEvaluationContext { FeatureName = "night", Settings = night });
    Console.WriteLine($"{time[..16]} in Athens: {(isOpen ? "open" : "closed")}");
}

sealed class Stopped(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
}
CS
cat > "$work/expected" <<'TXT'
2027-03-27T22:30 in Athens: open
2027-03-28T06:30 in Athens: open
2027-03-28T22:30 in Athens: closed
2027-03-29T06:30 in Athens: open
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
