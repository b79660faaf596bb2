using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Sdk.Web;

/// <summary>The header <c>Prefer: wait=10</c> of a request that begins long work: its answer may wait so long for the end.</summary>
/// <remarks>A parameter of endpoints with POST that answer 202 (RFC 7240 section 4.3). Who sends none is answered at once.</remarks>
public sealed class PreferredWait : IBindableFromHttpContext<PreferredWait>, IEndpointParameterMetadataProvider
{
    /// <summary>Nobody waits for longer: a request is given up after 30 seconds.</summary>
    public const int LongestSeconds = 25;

    const string Prefix = "wait=";

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    readonly HttpContext context;
    readonly TimeSpan longest;

    PreferredWait(HttpContext context, TimeSpan longest) => (this.context, this.longest) = (context, longest);

    /// <summary>Looks until it is done, or the caller wants to wait no longer.</summary>
    /// <param name="begun">What was begun, as it is now.</param>
    /// <param name="look">Looks again.</param>
    /// <param name="isDone">Whether it has ended.</param>
    /// <returns>As it was seen last.</returns>
    public async Task<T> UntilAsync<T>(T begun, Func<Task<T>> look, Func<T, bool> isDone)
    {
        if (longest == TimeSpan.Zero)
            return begun;
        context.Response.Headers.Append("Preference-Applied", $"{Prefix}{longest.TotalSeconds.ToString(CultureInfo.InvariantCulture)}");
        var time = context.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var start = time.GetTimestamp();
        var seen = begun;
        while (!isDone(seen) && time.GetElapsedTime(start) < longest)
        {
            await Task.Delay(Pause, time, context.RequestAborted);
            seen = await look();
        }
        return seen;
    }

    /// <inheritdoc/>
    public static ValueTask<PreferredWait?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var seconds = context.Request.Headers["Prefer"].SelectMany(header => (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Where(preference => preference.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .Select(preference => int.TryParse(preference[Prefix.Length..], CultureInfo.InvariantCulture, out var wanted) ? wanted : 0)
            .FirstOrDefault();
        return ValueTask.FromResult<PreferredWait?>(
            new PreferredWait(context, TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestSeconds))));
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new WaitsIfPreferred());
}

/// <summary>Stands on an endpoint that looks at <c>Prefer: wait</c>.</summary>
public sealed record WaitsIfPreferred;
