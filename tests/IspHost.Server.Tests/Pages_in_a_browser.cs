using System.Text.Json;
using System.Text.RegularExpressions;

namespace IspHost.Server.Tests;

/// <summary>What can be said of the pages without a browser; <c>tests/pages</c> looks at them with one.</summary>
public sealed partial class Pages_in_a_browser(ServerFixture server) : IDisposable
{
    readonly HttpClient client = new() { BaseAddress = server.Address };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => client.Dispose();

    [Theory]
    [InlineData("/")]
    [InlineData("/docs/")]
    [InlineData("/problems")]
    [InlineData("/problems/invalid-field")]
    [InlineData("/versions")]
    public async Task Say_their_language_and_a_title_and_name_no_other_host(string path)
    {
        var page = await client.GetStringAsync(path, Stop);

        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Matches("<title>[^<]*IspHost[^<]*</title>", page);
        Assert.DoesNotMatch("(src|href|url)[\"']?[=:] ?[\"']?(https?:)?//", page);
    }

    [Fact]
    public async Task Run_scripts_of_the_server_alone()
    {
        using var answer = await client.GetAsync("/docs/", Stop);

        Assert.Matches(
            "^default-src 'none'; script-src 'self' 'nonce-[0-9A-F]{32}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'$",
            answer.Headers.GetValues("Content-Security-Policy").Single());
        foreach (Match script in Source().Matches(await answer.Content.ReadAsStringAsync(Stop)))
        {
            using var file = await client.GetAsync(new Uri(answer.RequestMessage!.RequestUri!, script.Groups["at"].Value), Stop);
            Assert.True(file.IsSuccessStatusCode, script.Value);
        }
    }

    [Fact]
    public async Task Show_a_reference_without_what_its_maker_offers()
    {
        var told = await ConfigurationAsync();

        Assert.Equal(
            ("""{"disabled":true}""", """{"disabled":true}""", "false", "true", "\"never\""),
            (told["agent"], told["mcp"], told["telemetry"], told["hideClientButton"], told["showDeveloperTools"]));
    }

    [Fact]
    public async Task Show_requests_in_four_languages_with_a_key()
    {
        var told = await ConfigurationAsync();

        Assert.Equal("""["shell/curl","csharp/httpclient","python/requests","js/fetch"]""", told["featuredClients"]);
        Assert.Equal("""{"preferredSecurityScheme":["api_key"]}""", told["authentication"]);
    }

    [Fact]
    public async Task Link_to_operations_by_the_name_of_a_version_and_not_by_how_it_stands()
    {
        var versions = JsonDocument.Parse((await ConfigurationAsync())["sources"]).RootElement.EnumerateArray();

        Assert.Equal(
            [("2026-11-01", "2026-11-01, Current"), ("2027-06-01", "2027-06-01, Preview")],
            versions.Select(version => (version.GetProperty("slug").GetString(), version.GetProperty("title").GetString())));
    }

    [Fact]
    public async Task Title_each_operation_differently()
    {
        var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json", Stop));
        var titles = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => operation.Value.GetProperty("summary").GetString()));

        Assert.Equal("\"summary\"", (await ConfigurationAsync())["operationTitleSource"]);
        Assert.Empty(titles.GroupBy(title => title).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public async Task Fill_in_no_example_that_would_search_for_what_nobody_has()
    {
        var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json", Stop));
        var search = document.RootElement.GetProperty("paths").GetProperty("/api/v1/customers").GetProperty("get")
            .GetProperty("parameters").EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == "search");

        Assert.False(search.GetProperty("schema").TryGetProperty("examples", out _));
    }

    /// <summary>What the page tells Scalar.</summary>
    async Task<Dictionary<string, string>> ConfigurationAsync()
        => JsonDocument.Parse(Told().Match(await client.GetStringAsync("/docs/", Stop)).Value).RootElement.EnumerateObject()
            .ToDictionary(option => option.Name, option => option.Value.GetRawText());

    [GeneratedRegex("""<script[^>]* src="(?<at>[^"]+)""")]
    private static partial Regex Source();

    [GeneratedRegex("""^\s*\{".*\}(?=,\s*$)""", RegexOptions.Multiline)]
    private static partial Regex Told();
}
