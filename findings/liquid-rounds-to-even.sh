#!/usr/bin/env bash
# Liquid templates do not compute alike: Fluid.Core 2.41.1, DotLiquid 2.3.260, Scriban.Signed 7.5.3 (its Liquid mode).
#
# The template language's home, Ruby, rounds halves away from zero: 2.5 | round is 3. All three engines of .NET say 2, since they round
# to even. Minus seven divided by two is -4 in two of them and -3 in the third; a number in quotes plus 3 is 15 in one and 123 in the others;
# 0.1 plus 0.2 shows the digits of a binary fraction in one. An invoice template must not compute: it prints what the ledger says.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package Fluid.Core@2.41.1
#:package DotLiquid@2.3.260
#:package Scriban.Signed@7.5.3
#:property PublishAot=false
using System.Globalization;
using Fluid;

foreach (var template in new[]
    { "{{ 2.5 | round }}", "{{ -7 | divided_by: 2 }}", "{{ '12' | plus: 3 }}", "{{ 0.1 | plus: 0.2 }}" })
{
    new FluidParser().TryParse(template, out var fluid, out _);
    var dot = DotLiquid.Template.Parse(template).Render(CultureInfo.InvariantCulture);
    var scriban = Scriban.Template.ParseLiquid(template).Render();
    Console.WriteLine($"{template}: Fluid {fluid.Render()}, DotLiquid {dot}, Scriban {scriban}");
}
CS
cat > "$work/expected" <<'TXT'
{{ 2.5 | round }}: Fluid 2, DotLiquid 2, Scriban 2
{{ -7 | divided_by: 2 }}: Fluid -4, DotLiquid -3, Scriban -4
{{ '12' | plus: 3 }}: Fluid 15, DotLiquid 123, Scriban 123
{{ 0.1 | plus: 0.2 }}: Fluid 0.3, DotLiquid 0.3, Scriban 0.30000000000000004
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
