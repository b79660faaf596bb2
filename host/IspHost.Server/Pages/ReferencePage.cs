using System.Security.Cryptography;
using System.Text;
using IspHost.Core.Web.Versions;
using NodaTime.Text;
using Scalar.AspNetCore;

namespace IspHost.Server.Pages;

/// <summary>The pages that show the API's document.</summary>
static class ReferencePage
{
    /// <summary>Maps <c>/docs</c>.</summary>
    public static void MapReferencePage(this IEndpointRouteBuilder routes)
        => routes.MapScalarApiReference("/docs", (scalar, http) =>
            {
                scalar.Title = "IspHost API";
                scalar.DefaultFonts = false;
                // What its maker offers leads elsewhere, where our pages may not go.
                scalar.DisableAgent().DisableMcp().DisableTelemetry().HideClientButton().HideDeveloperTools();
                // The source of a title: GET and POST of one path are told apart by what they do.
                scalar.WithOperationTitleSource(OperationTitleSource.Summary);
                scalar.EnabledTargets = [ScalarTarget.Shell, ScalarTarget.CSharp, ScalarTarget.Python, ScalarTarget.JavaScript];
                scalar.EnabledClients = [ScalarClient.Curl, ScalarClient.HttpClient, ScalarClient.Requests, ScalarClient.Fetch];
                scalar.WithDefaultHttpClient(ScalarTarget.Shell, ScalarClient.Curl);
                var versions = http.RequestServices.GetRequiredService<KnownVersions>();
                foreach (var version in versions.All)
                {
                    var name = LocalDatePattern.Iso.Format(version.Version);
                    scalar.AddDocument(name, $"{name}, {version.StateOn(versions.Today)}", isDefault: version == versions.Current);
                }
                scalar.WithNonce((string)(http.Items["Scalar.Nonce"] = NewNonce(http)));
            })
            .ExcludeFromDescription()
            .AllowAnonymous()
            .Finally(endpoint => endpoint.RequestDelegate = InEnglish(endpoint.RequestDelegate!));

    /// <summary>The page of Scalar does not say in which language it is, as a reader that speaks must know (WCAG 3.1.1).</summary>
    static RequestDelegate InEnglish(RequestDelegate page) => async http =>
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
        await http.Response.WriteAsync(
            Encoding.UTF8.GetString(written.ToArray()).Replace("<html>", "<html lang=\"en\">", StringComparison.Ordinal),
            http.RequestAborted);
    };

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
