using System.Security.Cryptography;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace IspHost.Server.Pages;

/// <summary>The description of the API, and the pages that show it.</summary>
static class OpenApiDocument
{
    public const string Name = "v1";

    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services)
        => services.AddSingleton<OpenApiText>().AddOpenApi(Name, options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "IspHost";
            document.Info.Description = "What an internet provider runs its business on. Authorization: Bearer and an API key; "
                + "an operator's key names its tenant in the header Tenant.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["api_key"] =
                new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            return Task.CompletedTask;
        }).AddSchemaTransformer((schema, context, _) =>
        {
            // Text is read by a converter of our own, of which the framework cannot know that it reads text.
            if (context.JsonTypeInfo.Type == typeof(string) && schema.Type is null)
                schema.Type = JsonSchemaType.String | (context.JsonPropertyInfo?.IsGetNullable is true ? JsonSchemaType.Null : 0);
            return Task.CompletedTask;
        }));

    /// <summary>Maps <c>/openapi/v1.json</c> and the interactive pages at <c>/docs</c>.</summary>
    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", async (OpenApiText text, CancellationToken stop)
            => TypedResults.Bytes(await text.ReadAsync(stop), "application/json;charset=utf-8")).ExcludeFromDescription().AllowAnonymous();
        routes.MapScalarApiReference("/docs", (scalar, http) =>
            {
                scalar.Title = "IspHost API";
                scalar.DefaultFonts = false;
                scalar.WithNonce((string)(http.Items["Scalar.Nonce"] = NewNonce(http)));
            })
            .ExcludeFromDescription()
            .AllowAnonymous();
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
