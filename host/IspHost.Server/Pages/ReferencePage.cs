using System.Security.Cryptography;
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
                scalar.WithNonce((string)(http.Items["Scalar.Nonce"] = NewNonce(http)));
            })
            .ExcludeFromDescription()
            .AllowAnonymous();

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
