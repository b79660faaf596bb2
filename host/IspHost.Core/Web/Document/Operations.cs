using System.Globalization;
using System.Text.Json.Nodes;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.OpenApi;

namespace IspHost.Core.Web.Document;

/// <summary>Has each operation of the document say what holds for it: who may call it, what it refuses and how, its headers.</summary>
sealed class Operations(XmlDocs docs, string prefix)
{
    public const string ApiKey = "api_key";

    public async Task WriteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken stop)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var endpoint = new Described(context.Description.HttpMethod!, metadata, context.Description.ParameterDescriptions);
        var document = context.Document!;
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>())
            Describe(parameter);
        AddHeaders(operation, endpoint);
        AddScheme(document);
        AddScope(operation, endpoint.Scope, document);
        foreach (var chapter in metadata.OfType<Chapter>())
        {
            if ((document.Tags ??= new HashSet<OpenApiTag>()).FirstOrDefault(tag => tag.Name == chapter.Name) is { } tag)
                tag.Description ??= chapter.Text;
            else
                document.Tags.Add(new OpenApiTag { Name = chapter.Name, Description = chapter.Text });
        }
        if (metadata.OfType<PatchOf>().LastOrDefault() is { } patch)
            operation.RequestBody = await PatchBodyAsync(patch, context, stop);
        else if (operation.RequestBody is OpenApiRequestBody body)
            body.Required = metadata.OfType<IAcceptsMetadata>().LastOrDefault() is not { IsOptional: true };
        AddSuccess(operation, endpoint);
        if (metadata.OfType<EndsWithVersion>().LastOrDefault() is { } ends)
        {
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions[OlderForms.EndsWith] = new JsonNodeExtension(RequestedVersion.TextOf(ends.Version));
            operation.Extensions[OlderForms.Successor] = new JsonNodeExtension(ends.Successor);
            operation.Description = $"{operation.Description}\n\nEnds with version {RequestedVersion.TextOf(ends.Version)}: "
                + $"call `{ends.Successor}` instead.";
        }
        foreach (var (status, types) in endpoint.Refusals.GroupBy(type => type.Status).Select(group => (group.Key, group.ToList())))
            AddRefusal(operation, status, types, document);
    }

    /// <summary>A scheme of HTTP has no scopes in OpenAPI, so the scope stands in words and in a field of our own.</summary>
    static void AddScope(OpenApiOperation operation, string? scope, OpenApiDocument document)
    {
        operation.Security = [];
        if (scope is null)
            return;
        operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKey, document)] = [] });
        operation.Description = $"{operation.Description}\n\nNeeds the scope `{scope}`.";
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        operation.Extensions["x-scope"] = new JsonNodeExtension(scope);
    }

    /// <summary>A requirement refers to it, so it must be there already.</summary>
    static void AddScheme(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes.TryAdd(ApiKey, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key, such as `isp_acme_...`. The scope that an operation needs of it stands beside the operation.",
        });
    }

    static void Describe(OpenApiParameter parameter)
    {
        parameter.Description ??= parameter.Name switch
        {
            "cursor" => "What the page before gave as `next`; left out for the first page.",
            "limit" => "How many items the page has at most.",
            "from" => "The first day.",
            "to" => "The day after the last one.",
            _ => parameter.In is ParameterLocation.Path ? "Which one." : null,
        };
    }

    static void AddHeaders(OpenApiOperation operation, Described endpoint)
    {
        if (endpoint.IsTenants)
        {
            operation.Parameters!.Add(Header(
                "Tenant", "The code of the tenant: needed with a key of the operator, who acts for many, and of no use with a tenant's.",
                64));
        }
        if (endpoint.Method == HttpMethods.Post)
        {
            operation.Parameters!.Add(Header(
                "Idempotency-Key", "The same for each repetition of one request, best a UUID: what it does happens once, for a day.", 200));
        }
        if (endpoint.Method is "POST" or "PUT" or "PATCH")
        {
            operation.Parameters!.Add(Header(
                "Prefer", endpoint.Waits
                    ? $"`wait=10`: the answer may wait so many seconds for the end of the work, {PreferredWait.LongestSeconds} at most. "
                        + "`return=minimal`: it has no body."
                    : "`return=minimal`: the answer has no body.", 200));
        }
        if (endpoint.ChecksIfMatch)
            operation.Parameters!.Add(Header("If-Match", "The `ETag` of what was seen: the change is made to nothing else.", 200));
        if (endpoint.Method == HttpMethods.Get)
            operation.Parameters!.Add(Header("If-None-Match", "The `ETag` of what is known: if it is still that, the answer is 304.", 200));
    }

    static OpenApiParameter Header(string name, string description, int longest) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = longest },
    };

    /// <summary>The schema of what is changed, of which nothing is demanded and which may be set back by null.</summary>
    async Task<OpenApiRequestBody> PatchBodyAsync(PatchOf patch, OpenApiOperationTransformerContext context, CancellationToken stop)
    {
        var whole = await context.GetOrCreateSchemaAsync(patch.Type, cancellationToken: stop);
        var name = $"{(patch.Type.IsCollectible ? prefix : "")}{patch.Type.Name}Patch";
        context.Document!.AddComponent(name, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = docs.Of(patch.Type),
            Properties = whole.Properties,
        });
        return new OpenApiRequestBody
        {
            Required = true,
            Content = patch.ContentTypes.ToDictionary(
                type => type, _ => new OpenApiMediaType { Schema = new OpenApiSchemaReference(name, context.Document) }),
        };
    }

    static void AddSuccess(OpenApiOperation operation, Described endpoint)
    {
        foreach (var (status, response) in operation.Responses!.Where(response => response.Key.StartsWith('2')))
        {
            if (response is not OpenApiResponse written)
                continue;
            written.Description = DescriptionOf(status);
            written.Headers ??= new Dictionary<string, IOpenApiHeader>();
            if (status is "200" && endpoint.ContentType is { } type)
            {
                var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
                written.Content = new Dictionary<string, OpenApiMediaType> { [type] = new() { Schema = file } };
            }
            if (status is "200" && endpoint.HasTag)
                written.Headers["ETag"] = HeaderOf("What is shown, in short: send it back as `If-None-Match` or `If-Match`.");
            if (status is "201" or "202")
                written.Headers["Location"] = HeaderOf(status is "201" ? "Where what was made is." : "Where to look how far it is.");
        }
        if (endpoint.Method is "POST" or "PUT" or "PATCH" && operation.Responses!.ContainsKey("200"))
            operation.Responses!.TryAdd("204", new OpenApiResponse { Description = "Done; `Prefer: return=minimal` left the body out." });
        if (endpoint.Method == HttpMethods.Get)
            operation.Responses!["304"] = new OpenApiResponse { Description = "It is still what `If-None-Match` says." };
    }

    static string DescriptionOf(string status) => status switch
    {
        "200" => "Done.",
        "201" => "Made.",
        "202" => "Begun: it goes on after the answer.",
        _ => "Done; there is nothing to show.",
    };

    static OpenApiHeader HeaderOf(string description)
        => new() { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    /// <summary>Refusals are alike at many endpoints, and stand once for all of them.</summary>
    static void AddRefusal(OpenApiOperation operation, int status, List<ProblemType> types, OpenApiDocument document)
    {
        var name = string.Join('.', types.Select(type => type.Name));
        document.Components ??= new OpenApiComponents();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>();
        document.Components.Responses.TryAdd(name, Refusal(status, types, document));
        operation.Responses![status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponseReference(name, document);
    }

    static OpenApiResponse Refusal(int status, List<ProblemType> types, OpenApiDocument document)
    {
        var response = new OpenApiResponse
        {
            Description = string.Join(' ', types.Select(type => $"`{type.Address}`: {type.Meaning}")),
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference("Problem", document),
                    Example = Example(types[0]),
                },
            },
        };
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            || types.Contains(Web.Refusals.RequestInProgress))
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Retry-After"] = HeaderOf("After how many seconds to try again."),
            };
        }
        return response;
    }

    static JsonObject Example(ProblemType type)
    {
        var example = new JsonObject
        {
            ["type"] = type.Address,
            ["title"] = type.Title,
            ["status"] = type.Status,
            ["detail"] = type.Meaning,
        };
        if (type == Problems.InvalidField)
            example["errors"] = new JsonObject { ["name"] = "must be 1 to 200 characters" };
        return example;
    }

    /// <summary>What the metadata of an endpoint says that matters here.</summary>
    sealed class Described(string method, IList<object> metadata, IList<ApiParameterDescription> parameters)
    {
        public string Method => method;

        public bool IsTenants { get; } = metadata.OfType<AuthorizeAttribute>().Any(authorize => authorize.Policy == Policies.Tenant);

        public string? Scope { get; } = metadata.OfType<ScopeArea>().LastOrDefault() is { } area
            ? $"{area.Name}:{(method == HttpMethods.Get ? "read" : "write")}"
            : null;

        /// <summary>Of an answer that is no JSON.</summary>
        public string? ContentType { get; } = metadata.OfType<AnswersWith>().LastOrDefault()?.ContentType;

        public bool ChecksIfMatch { get; } = metadata.OfType<ChecksIfMatch>().Any();

        public bool Waits { get; } = metadata.OfType<WaitsIfPreferred>().Any();

        public bool HasTag => Method == HttpMethods.Get || Method == HttpMethods.Put || Method == HttpMethods.Patch;

        public IEnumerable<ProblemType> Refusals
            => [.. Always, .. ByKind(), .. metadata.OfType<ProblemTypes>().SelectMany(own => own.Types)];

        static IEnumerable<ProblemType> Always =>
        [
            Problems.InvalidField, Web.Refusals.Unauthenticated, Web.Refusals.Forbidden, Web.Refusals.ScopeMissing,
            Web.Refusals.TooManyRequests, Web.Refusals.Internal, Web.Refusals.DatabaseUnavailable, Web.Refusals.ExtensionUnavailable,
            Web.Refusals.TimedOut, Web.Refusals.VersionEnded,
        ];

        IEnumerable<ProblemType> ByKind()
        {
            if (metadata.OfType<EndsWithVersion>().Any())
                yield return Web.Refusals.NotInVersion;
            if (IsTenants)
                yield return Web.Refusals.OtherTenant;
            if (IsTenants)
                yield return Web.Refusals.UnknownTenant;
            if (parameters.Any(parameter => parameter.Source.Id == "Path"))
                yield return Web.Refusals.NotFound;
            if (parameters.Any(parameter => parameter.Source.Id == "Body") || metadata.OfType<PatchOf>().Any())
            {
                yield return Web.Refusals.BodyTooLarge;
                yield return Web.Refusals.UnsupportedMediaType;
            }
            if (Method == HttpMethods.Post)
            {
                yield return Web.Refusals.RequestInProgress;
                yield return Web.Refusals.KeyReused;
            }
            if (ChecksIfMatch)
            {
                yield return Web.Refusals.ChangedMeanwhile;
                yield return Web.Refusals.PreconditionFailed;
            }
            if (metadata.OfType<EnableRateLimitingAttribute>().Any())
                yield return Web.Refusals.OverShare;
        }
    }
}
