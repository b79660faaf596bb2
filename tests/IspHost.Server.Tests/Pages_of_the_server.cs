using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace IspHost.Server.Tests;

public sealed partial class Pages_of_the_server(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Say_of_each_refusal_that_the_document_names_what_it_means()
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        var document = await client.GetStringAsync("/openapi/v1.json", Stop);
        var named = Addresses().Matches(document).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal).ToList();

        var list = await client.GetStringAsync("/problems", Stop);

        Assert.True(named.Count > 30, string.Join(' ', named));
        foreach (var address in named)
        {
            Assert.Contains($"<a href=\"{address}\">", list, StringComparison.Ordinal);
            Assert.Contains("RFC 9457", await client.GetStringAsync(address, Stop), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/problems/none-of-them", Stop)).StatusCode);
    }

    [Fact]
    public async Task List_the_versions_of_the_API_with_what_changed()
    {
        using var client = new HttpClient { BaseAddress = server.Address };

        var page = await client.GetStringAsync("/versions", Stop);

        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"/openapi/2027-06-01.json\">2027-06-01</a>", page, StringComparison.Ordinal);
        Assert.Contains("it was <code>line_no</code> before", page, StringComparison.Ordinal);
        Assert.Contains("it was 0 before", page, StringComparison.Ordinal);
        Assert.Contains(
            "<code>GET /api/v1/usage/{id}</code> has ended: call <code>getUsageOfSubscription</code> instead", page,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Give_the_documents_of_the_versions_and_send_them_once()
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var first = await client.GetAsync("/openapi/2026-11-01.json", Stop);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/2026-11-01.json");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        again.Headers.AcceptEncoding.ParseAdd("br");

        using var known = await client.SendAsync(again, Stop);
        var paths = JsonDocument.Parse(await first.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("paths");

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.True(paths.TryGetProperty("/api/v1/invoices/{id}", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/openapi/v2.json", Stop)).StatusCode);
    }

    [GeneratedRegex("/problems/[a-z0-9-]+")]
    private static partial Regex Addresses();
}
