#!/usr/bin/env bash
# Microsoft.Kiota.Http.HttpClientLibrary 2.1.6: the default HttpClient of generated clients sends a POST up to four times.
#
# KiotaClientFactory.Create has a retry handler that repeats after 429, 503 and 504, whatever the method is. A 504 comes from a proxy that
# gave up waiting: the server behind it may well have done the work, so an order, a payment or a mail is made four times. Nothing in the
# generated code says so, and the request has no key by which a server could know its repetitions. Give clients an HttpClient of your own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

cat > "$work/try.cs" <<'CS'
#:package Microsoft.Kiota.Http.HttpClientLibrary@2.1.6
#:property PublishAot=false
using System.Net;
using System.Text;
using Microsoft.Kiota.Http.HttpClientLibrary;

foreach (var (who, client) in new[] { ("plain HttpClient", new HttpClient()), ("KiotaClientFactory", KiotaClientFactory.Create()) })
{
    foreach (var status in new[] { 500, 504 })
    {
        using var server = new HttpListener { Prefixes = { "http://127.0.0.1:18377/" } };
        server.Start();
        var orders = new List<string>();
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                var request = await server.GetContextAsync();
                using (var body = new StreamReader(request.Request.InputStream))
                    orders.Add($"{request.Request.HttpMethod} {await body.ReadToEndAsync()}");
                request.Response.StatusCode = status;
                request.Response.Headers["Retry-After"] = "1";
                request.Response.Close();
            }
        });
        var outcome = "";
        try { outcome = $"{(int)(await client.PostAsync("http://127.0.0.1:18377/orders", new StringContent("one router", Encoding.UTF8))).StatusCode}"; }
        catch (Exception thrown) { outcome = thrown.GetType().Name; }
        server.Stop();
        Console.WriteLine($"{who}, {status}: {orders.Count} x {string.Join(" / ", orders.Distinct())}, then {outcome}");
    }
}
CS
cat > "$work/expected" <<'TXT'
plain HttpClient, 500: 1 x POST one router, then 500
plain HttpClient, 504: 1 x POST one router, then 504
KiotaClientFactory, 500: 1 x POST one router, then 500
KiotaClientFactory, 504: 4 x POST one router, then AggregateException
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
