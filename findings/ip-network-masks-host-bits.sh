#!/usr/bin/env bash
# System.Net.IPNetwork: the same source accepts in .NET 10 what .NET 8 refused.
#
# .NET 8 (8.0.31) refuses a prefix with bits set behind its length, as the message of its FormatException says. .NET 10 masks them and says
# nothing: 100.64.8.5/22 becomes 100.64.8.0/22. Both read a leading zero as octal: 010.0.0.0/24 is 8.0.0.0/24. A check of an
# operator's input that rested on the parser is gone after the upgrade; compare the text with the parsed network's own text instead.
# .NET 8 comes as its runtime package, so a .NET 10 SDK (10.0.1xx or newer) is all that is needed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

source='
using System.Net;
foreach (var text in new[] { "100.64.8.0/22", "100.64.8.5/22", "010.0.0.0/24" })
    System.Console.WriteLine($"{System.Environment.Version.Major}: {text} is {(IPNetwork.TryParse(text, out var network) ? network.ToString() : "refused")}");
'
printf '%s\n' '#:property PublishAot=false' "$source" > "$work/new.cs"
printf '%s\n' '#:property TargetFramework=net8.0' '#:property PublishAot=false' '#:property SelfContained=true' \
  '#:property RuntimeIdentifier=linux-x64' '#:property RuntimeFrameworkVersion=8.0.31' "$source" > "$work/old.cs"
cat > "$work/expected" <<'TXT'
8: 100.64.8.0/22 is 100.64.8.0/22
8: 100.64.8.5/22 is refused
8: 010.0.0.0/24 is 8.0.0.0/24
10: 100.64.8.0/22 is 100.64.8.0/22
10: 100.64.8.5/22 is 100.64.8.0/22
10: 010.0.0.0/24 is 8.0.0.0/24
TXT

cd "$work"
for try in old new; do
  dotnet run $try.cs 2> errors >> seen || { cat errors seen; exit 1; }
done
cat seen
diff expected seen && echo "As stated."
