#!/usr/bin/env bash
# Asp.Versioning.Http 10.2.3: the link of a sunset policy to a path of the same server leads to another host.
#
# A policy may have a relative address, and the documentation of RFC 8288 that it refers to allows one. LinkHeaderValue writes a slash
# before whatever is not absolute, so "/docs/versions" leaves as <//docs/versions>: by RFC 3986 section 4.2 that is the path /versions
# of the host "docs". Every client that resolves it asks somebody else. Without the first slash it is right, but only from the root of
# the server. An application below a path base has to make the address absolute, from the request.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

cat > "$work/try.cs" <<'CS'
#:sdk Microsoft.NET.Sdk.Web
#:package Asp.Versioning.Http@10.2.3
#:property PublishAot=false
using Asp.Versioning;

foreach (var address in new[] { "/docs/versions", "docs/versions", "https://isp.example/docs/versions" })
{
    var response = new DefaultHttpContext().Response;
    var link = new LinkHeaderValue(new Uri(address, UriKind.RelativeOrAbsolute), "sunset");
    response.WriteSunsetPolicy(new SunsetPolicy(new DateTimeOffset(2027, 7, 1, 0, 0, 0, TimeSpan.Zero), link));
    var header = response.Headers["Link"].ToString();
    var target = header[1..header.IndexOf('>')];
    Console.WriteLine($"{address}: {header} is {new Uri(new Uri("https://isp.example/api/v1/plans"), target)}");
}
CS
cat > "$work/expected" <<'TXT'
/docs/versions: <//docs/versions>; rel="sunset" is https://docs/versions
docs/versions: </docs/versions>; rel="sunset" is https://isp.example/docs/versions
https://isp.example/docs/versions: <https://isp.example/docs/versions>; rel="sunset" is https://isp.example/docs/versions
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
