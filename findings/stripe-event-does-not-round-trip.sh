#!/usr/bin/env bash
# Stripe.net 53.1.0: Event.ToJson() is not the event that came.
#
# It drops data.previous_attributes, writes null for an object of a kind that the library does not know, and writes 0 for amounts that
# were not sent. Who stores events by ToJson(), to work on them later, can no longer tell "not sent" from "nothing due". Store the body of the
# request as it came; it is needed for the signature anyway.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package Stripe.net@53.1.0
#:property PublishAot=false
#:property NoWarn=NU1603
using System.Text.Json.Nodes;
using Stripe;

var known = RoundTrip("""
    {"id":"evt_1","object":"event","api_version":"2025-03-31.basil","created":1764400000,"type":"invoice.updated","livemode":false,
     "pending_webhooks":1,"data":{"object":{"id":"in_1","object":"invoice","currency":"eur","status":"open"},
     "previous_attributes":{"status":"draft"}},"request":{"id":"req_1","idempotency_key":"k"}}
    """);
Console.WriteLine($"previous_attributes: {known["previous_attributes"]?.ToJsonString() ?? "gone"}");
Console.WriteLine($"amount_due, which was not sent: {known["object"]!["amount_due"]}");

var unknown = RoundTrip("""
    {"id":"evt_2","object":"event","api_version":"2025-03-31.basil","created":1764400000,"type":"acme.meter.created","livemode":false,
     "pending_webhooks":1,"data":{"object":{"id":"am_1","object":"acme.meter","size":7}}}
    """);
Console.WriteLine($"an object of an unknown kind: {unknown["object"]?.ToJsonString() ?? "null"}");

JsonNode RoundTrip(string json) => JsonNode.Parse(EventUtility.ParseEvent(json, throwOnApiVersionMismatch: false).ToJson())!["data"]!;
CS
cat > "$work/expected" <<'TXT'
previous_attributes: gone
amount_due, which was not sent: 0
an object of an unknown kind: null
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
