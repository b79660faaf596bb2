using System.Security.Cryptography;
using System.Text;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using NodaTime.Text;
using Scalar.AspNetCore;

namespace IspHost.Server.Pages;

/// <summary>The pages that show the API's document.</summary>
static class ReferencePage
{
    /// <summary>What requests are shown in. The one for JavaScript is TypeScript as it stands, and called so by reference.js.</summary>
    static readonly KeyValuePair<ScalarTarget, ScalarClient>[] Examples =
    [
        new(ScalarTarget.Shell, ScalarClient.Curl),
        new(ScalarTarget.CSharp, ScalarClient.HttpClient),
        new(ScalarTarget.Python, ScalarClient.Requests),
        new(ScalarTarget.JavaScript, ScalarClient.Fetch),
    ];

    const string Head = """
        <link rel="icon" href="/assets/isphost.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/assets/reference.css">
        <script src="/assets/reference.js"></script>
        """;

    /// <summary>Maps <c>/docs</c>.</summary>
    public static void MapReferencePage(this IEndpointRouteBuilder routes, bool isStatusPublic)
        => routes.MapScalarApiReference("/docs", (scalar, http) =>
            {
                scalar.Title = "IspHost API";
                scalar.Favicon = "/assets/isphost.svg";
                scalar.DefaultFonts = false;
                scalar.AddHeadContent(Head).AddHeaderContent(WayBack(isStatusPublic || Callers.IsOfThisMachine(http) ? "/" : "/docs/"));
                // What its maker offers leads elsewhere, where our pages may not go.
                scalar.DisableAgent().DisableMcp().DisableTelemetry().HideClientButton().HideDeveloperTools();
                // The source of a title: GET and POST of one path are told apart by what they do.
                scalar.WithOperationTitleSource(OperationTitleSource.Summary);
                scalar.EnabledTargets = [.. Examples.Select(example => example.Key)];
                scalar.EnabledClients = [.. Examples.Select(example => example.Value)];
                scalar.WithFeaturedClients(Examples);
                scalar.WithDefaultHttpClient(ScalarTarget.Shell, ScalarClient.Curl);
                scalar.AddPreferredSecuritySchemes("api_key");
                var versions = http.RequestServices.GetRequiredService<KnownVersions>();
                foreach (var version in versions.All)
                    scalar.AddDocument(NameOf(version), TitleOf(version, versions), isDefault: version == versions.Current);
                scalar.WithNonce((string)(http.Items["Scalar.Nonce"] = NewNonce(http)));
            })
            .ExcludeFromDescription()
            .AllowAnonymous()
            .Finally(endpoint => endpoint.RequestDelegate = Mended(endpoint.RequestDelegate!));

    static string WayBack(string home) => $"""
        <nav class="isphost" aria-label="IspHost">
            <a href="{home}">IspHost</a> <a href="/versions">Versions</a> <a href="/problems">Refusals</a>
        </nav>
        """;

    static string NameOf(ApiVersionRow version) => LocalDatePattern.Iso.Format(version.Version);

    static string TitleOf(ApiVersionRow version, KnownVersions versions) => $"{NameOf(version)}, {version.StateOn(versions.Today)}";

    /// <summary>Says in the page what Scalar has no option for.</summary>
    static RequestDelegate Mended(RequestDelegate page) => async http =>
    {
        if (Path.HasExtension(http.Request.Path))
        {
            await page(http);
            return;
        }
        var body = http.Response.Body;
        using var written = new MemoryStream();
        http.Response.Body = written;
        await page(http);
        http.Response.Body = body;
        // Scalar has counted the page as it was: whoever asks for it uncompressed would get nothing.
        http.Response.ContentLength = null;
        await http.Response.WriteAsync(Mend(Encoding.UTF8.GetString(written.ToArray()), http), http.RequestAborted);
    };

    static string Mend(string page, HttpContext http)
    {
        // A reader that speaks must know the language (WCAG 3.1.1).
        page = page.Replace("<html>", "<html lang=\"en\">", StringComparison.Ordinal);
        var versions = http.RequestServices.GetRequiredService<KnownVersions>();
        // Links to an operation have the name of the version in them, and not how it stands today.
        foreach (var version in versions.All)
        {
            var title = $"\"title\":\"{TitleOf(version, versions)}\"";
            page = page.Replace(title, $"\"slug\":\"{NameOf(version)}\",{title}", StringComparison.Ordinal);
        }
        return page;
    }

    /// <summary>The pages bring their own script and styles: the nonce lets in the one script block that starts them.</summary>
    static string NewNonce(HttpContext http)
    {
        var nonce = RandomNumberGenerator.GetHexString(32);
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        return nonce;
    }
}
