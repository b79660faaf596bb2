#!/usr/bin/env bash
# A cron expression for the night, "0 22-6 * * *", means three things in three libraries of .NET.
#
# Cronos 0.13.0 and Quartz 4.7.3 take a range that ends before it begins as one past midnight: 22, 23, 0 .. 6.
# NCrontab 3.4.0 swaps the two ends without a word, and fires from 6 to 22: every hour of the day, and none of the night.
# So a nightly price or a maintenance window that moves from one scheduler to another turns into its opposite.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package Cronos@0.13.0
#:package NCrontab@3.4.0
#:package Quartz@4.7.3
#:property PublishAot=false
var (from, to) = (new DateTime(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026, 3, 3, 0, 0, 0, DateTimeKind.Utc));
Show("Cronos", Cronos.CronExpression.Parse("0 22-6 * * *").GetOccurrences(from, to));
Show("NCrontab", NCrontab.CrontabSchedule.Parse("0 22-6 * * *").GetNextOccurrences(from.AddSeconds(-1), to));
Show("Quartz", QuartzTimes(new Quartz.CronExpression("0 0 22-6 * * ?", TimeZoneInfo.Utc)));

void Show(string name, IEnumerable<DateTime> times) => Console.WriteLine($"{name}: {string.Join(' ', times.Select(time => time.Hour))}");

IEnumerable<DateTime> QuartzTimes(Quartz.CronExpression cron)
{
    for (DateTimeOffset? at = new DateTimeOffset(from).AddSeconds(-1); (at = cron.GetNextValidTimeAfter(at.Value)) is { } next && next < to;)
        yield return next.UtcDateTime;
}
CS
cat > "$work/expected" <<'TXT'
Cronos: 0 1 2 3 4 5 6 22 23
NCrontab: 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22
Quartz: 0 1 2 3 4 5 6 22 23
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
