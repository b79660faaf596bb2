#!/usr/bin/env bash
# Kiota 1.38.0: an operation that sends a file and may answer 304 gets a client method that returns nothing.
#
# A description of an API with conditional requests says of a GET that it answers 200 with a PDF, and 304 without a body. Kiota takes the
# 304 for one of the successes, finds a success without content, and makes a method that returns a bare Task: it sends the request and
# throws the file away. No warning is written and the exit code is 0. With JSON instead of a file, or without the 304, the method returns
# what it should. Naming the media types that are wanted, -m "application/pdf;q=0.9" among them, is a way round.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 KIOTA_CLI_TELEMETRY_OPTOUT=true KIOTA_OFFLINE_ENABLED=true KIOTA_TUTORIAL_ENABLED=false
dotnet tool install Microsoft.OpenApi.Kiota --version 1.38.0 --tool-path "$work/tool" >/dev/null

describe() { # media type, schema, other answers
  cat <<JSON
{ "openapi": "3.0.3", "info": { "title": "Invoices", "version": "1" }, "servers": [{ "url": "https://isp.example" }],
  "paths": { "/invoice": { "get": { "operationId": "getInvoice", "responses": {
    "200": { "description": "The invoice.", "content": { "$1": { "schema": $2 } } } $3 } } } } }
JSON
}
method() { # name, options...
  local name=$1
  shift
  "$work/tool/kiota" generate -l CSharp -d "$work/$name.json" -o "$work/$name" -c Client -n Test --log-level Warning "$@" >"$work/$name.log" 2>&1
  printf '%s: exit %s, %s\n' "$name" $? "$(grep -rhoE 'public async Task[^ ]* GetAsync' "$work/$name" | head -n 1)"
}

file='{ "type": "string", "format": "binary" }'
record='{ "type": "object", "properties": { "number": { "type": "string" } } }'
unchanged=', "304": { "description": "Still the same." }'
describe application/pdf "$file" "" >"$work/file.json"
describe application/pdf "$file" "$unchanged" >"$work/file-or-304.json"
describe application/json "$record" "$unchanged" >"$work/json-or-304.json"
describe application/pdf "$file" "$unchanged" >"$work/file-named.json"
{
  method file
  method file-or-304
  method json-or-304
  method file-named -m application/json -m 'application/pdf;q=0.9'
} >"$work/seen"
cat >"$work/expected" <<'TXT'
file: exit 0, public async Task<Stream?> GetAsync
file-or-304: exit 0, public async Task GetAsync
json-or-304: exit 0, public async Task<global::Test.Invoice.InvoiceResponse?> GetAsync
file-named: exit 0, public async Task<Stream?> GetAsync
TXT
cat "$work/seen"
diff "$work/expected" "$work/seen" && echo "As stated."
