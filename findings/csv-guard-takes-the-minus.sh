#!/usr/bin/env bash
# CsvHelper 33.1.0: the guard against formulas in spreadsheets changes numbers.
#
# InjectionOptions.Strip removes leading characters that a spreadsheet could take for a formula, and '-' is one of them, for fields that
# were written as decimals too: a credit note of -12.50 leaves as 12.50. Escape puts an apostrophe before it, which a program that
# reads the file takes for text; a telephone number loses its plus. An export of money needs a guard that knows which fields are text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package CsvHelper@33.1.0
#:property PublishAot=false
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

foreach (var guard in new[] { InjectionOptions.None, InjectionOptions.Escape, InjectionOptions.Strip })
{
    var text = new StringWriter();
    using var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { InjectionOptions = guard });
    csv.WriteField("credit note");
    csv.WriteField(-12.50m);
    csv.WriteField("+30 210 5550100");
    csv.NextRecord();
    csv.Flush();
    Console.WriteLine($"{guard}: {text.ToString().Trim()}");
}
CS
cat > "$work/expected" <<'TXT'
None: credit note,-12.50,+30 210 5550100
Escape: credit note,"'-12.50","'+30 210 5550100"
Strip: credit note,12.50,30 210 5550100
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
