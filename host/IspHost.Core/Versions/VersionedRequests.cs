using Asp.Versioning;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Core.Versions;

/// <summary>Finds out which version of the API a request asks for, and tells its caller how that one stands.</summary>
/// <remarks>
/// The header <c>Api-Version</c> counts, then the key's version. A version that will end is said so with every answer: since when
/// (RFC 9745), until when (RFC 8594), and where to read about it; and the call is counted.
/// </remarks>
sealed class VersionedRequests(RequestDelegate next, KnownVersions versions, VersionCalls calls)
{
    public const string Header = "Api-Version";

    /// <summary>Where versions and their changes are listed.</summary>
    public const string Page = "/versions";

    static readonly HeaderApiVersionReader Reader = new(Header);

    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ScopeArea>() is null)
            return next(http);
        var (version, problem) = Find(http);
        if (version is null)
            return problem!.ExecuteAsync(http);
        http.Response.Headers[Header] = Text(version.Version);
        http.Response.Headers.Append("Vary", Header);
        if (version.StateOn(versions.Today) is VersionState.Ended)
            return RefuseAsync(http, Refusals.VersionEnded,
                $"Version {Text(version.Version)} of the API ended on {Text(version.SunsetOn!.Value)}.");
        if (http.GetEndpoint()!.Metadata.GetMetadata<EndsWithVersion>() is { } ends && version.Version >= ends.Version)
            return RefuseAsync(http, Refusals.NotInVersion,
                $"The operation ended with version {Text(ends.Version)}: call {ends.Successor} instead.");
        if (version.State is VersionState.Deprecated)
        {
            SayThatItEnds(http, version);
            calls.Count(http, version.Version);
        }
        http.Features.Set(new RequestedVersion(version.Version));
        return next(http);
    }

    (ApiVersionRow? Version, IResult? Problem) Find(HttpContext http)
    {
        var asked = Reader.Read(http.Request);
        if (asked.Count == 0)
            return ((RequestedVersion.OfKey(http.User) is { } own ? versions.Find(own) : null) ?? versions.Current, null);
        return asked.Count == 1 && LocalDatePattern.Iso.Parse(asked[0]).TryGetValue(default, out var date)
            && versions.Find(date) is { } known
                ? (known, null)
                : (null, Problems.Field(Header, versions.Rule));
    }

    static Task RefuseAsync(HttpContext http, ProblemType type, string why) => Problems.Of(type, why).ExecuteAsync(http);

    static string Text(LocalDate date) => RequestedVersion.TextOf(date);

    static void SayThatItEnds(HttpContext http, ApiVersionRow version)
    {
        var page = new Uri($"{http.Request.Scheme}://{http.Request.Host}{Page}");
        http.Response.WriteDeprecationPolicy(new(StartOf(version.DeprecatedOn!.Value), new LinkHeaderValue(page, "deprecation")));
        if (version.SunsetOn is { } end)
            http.Response.WriteSunsetPolicy(new(StartOf(end), new LinkHeaderValue(page, "sunset")));
    }

    static DateTimeOffset StartOf(LocalDate day) => day.AtStartOfDayInZone(DateTimeZone.Utc).ToDateTimeOffset();
}
