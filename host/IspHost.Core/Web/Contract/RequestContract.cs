using System.Text.Json;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace IspHost.Core.Web.Contract;

/// <summary>Refuses requests that break the contract of their endpoint, before it is called, naming all that is wrong at once.</summary>
static class RequestContract
{
    const string Json = "application/json";

    /// <summary>For all endpoints of a group: those of the host, or those of a plugin, whose container has the JSON of its types.</summary>
    public static T ChecksRequests<T>(this T endpoints) where T : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            if (endpoint is RouteEndpointBuilder route && endpoint.RequestDelegate is { } next)
                endpoint.RequestDelegate = new Checked(route, next).InvokeAsync;
        });
        return endpoints;
    }

    sealed class Checked
    {
        readonly RequestDelegate next;
        readonly QueryShape query;
        readonly Type? bodyType;
        readonly bool isPatch;
        readonly bool isOptional;
        readonly IReadOnlyList<IProducesResponseTypeMetadata> answers;
        BodyShape? body;
        ChangedBodies? changed;

        public Checked(RouteEndpointBuilder endpoint, RequestDelegate next)
        {
            (this.next, query) = (next, QueryShape.Of(endpoint));
            var accepts = endpoint.Metadata.OfType<IAcceptsMetadata>().LastOrDefault();
            bodyType = accepts is not null && accepts.ContentTypes.Contains(Json) ? accepts.RequestType : null;
            (isPatch, isOptional) = (accepts is PatchOf, accepts?.IsOptional is true);
            answers = [.. endpoint.Metadata.OfType<IProducesResponseTypeMetadata>()];
        }

        public async Task InvokeAsync(HttpContext http)
        {
            changed ??= ChangedBodies.Of(http.RequestServices, bodyType, answers);
            var older = changed.OlderFormOf(http);
            var faults = new Faults();
            query.Check(http.Request, faults);
            if (bodyType is not null)
            {
                if (!http.Request.HasJsonContentType() && http.Request.ContentLength is not 0)
                {
                    await Refusals.Of(Refusals.UnsupportedMediaType).ExecuteAsync(http);
                    return;
                }
                await CheckBodyAsync(http, faults, older);
            }
            if (older is { } version)
                changed.Follow(http, version);
            if (faults.All.Count > 0)
                await Problems.Fields(faults.All).ExecuteAsync(http);
            else
                await AnswerContract.InvokeAsync(http, next);
        }

        async Task CheckBodyAsync(HttpContext http, Faults faults, LocalDate? older)
        {
            var bytes = await ReadAsync(http.Request, http.RequestAborted);
            if (older is { } version)
            {
                bytes = changed!.Upgrade(bytes, version, isPatch, faults);
                faults.Name = path => changed.NameBefore(path, version);
            }
            http.Request.Body = new MemoryStream(bytes, writable: false);
            if (bytes.Length == 0)
            {
                if (!isOptional)
                    faults.Add("body", "given");
                return;
            }
            try
            {
                using var document = JsonDocument.Parse(bytes);
                body ??= BodyShape.Of(OptionsOf(http).GetTypeInfo(bodyType!));
                body.Check(document.RootElement, faults, isPatch);
            }
            catch (JsonException fault)
            {
                faults.Add("body", $"valid JSON{(fault.LineNumber is { } line ? $" (line {line + 1})" : "")}");
            }
        }

        static JsonSerializerOptions OptionsOf(HttpContext http)
            => http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;

        /// <summary>The server bounds how large a body is.</summary>
        static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken stop)
        {
            using var whole = new MemoryStream();
            await request.Body.CopyToAsync(whole, stop);
            return whole.ToArray();
        }
    }
}
