using System.Globalization;
using System.Threading.RateLimiting;
using IspHost.Core.ApiKeys;
using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IspHost.Core.Limits;

/// <summary>Rate limits and time-outs of requests.</summary>
static class LimitsSetup
{
    /// <summary>The policy of endpoints that compile, or read much.</summary>
    public const string Expensive = "expensive";

    /// <summary>The time-out of endpoints that take long.</summary>
    public const string Long = "long";

    public static void AddLimits(this IServiceCollection services)
    {
        services.AddOptions<RequestLimits>().BindConfiguration("Limits");
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<RequestLimits>, ApiKeyVerifier>(
            (limiter, limits, keys) => Configure(limiter, limits.Value, keys));
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<RequestLimits>>((timeouts, limits) =>
        {
            timeouts.DefaultPolicy = After(limits.Value.TimeoutSeconds);
            timeouts.AddPolicy(Long, After(limits.Value.LongTimeoutSeconds));
        });
    }

    static void Configure(RateLimiterOptions limiter, RequestLimits limits, ApiKeyVerifier keys)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http =>
        {
            var rate = keys.FindKnown(http.Request) is null ? limits.PerStranger : limits.PerKey;
            return RateLimitPartition.GetTokenBucketLimiter(RequestCaller.Of(http, keys), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = rate * limits.BurstSeconds,
                TokensPerPeriod = rate,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = true,
            });
        });
        limiter.AddPolicy(Expensive, http => RateLimitPartition.GetConcurrencyLimiter(
            RequestCaller.TenantOf(http, keys), _ => new ConcurrencyLimiterOptions { PermitLimit = limits.Expensive }));
        limiter.OnRejected = RefuseAsync;
    }

    static async ValueTask RefuseAsync(OnRejectedContext refused, CancellationToken stop)
    {
        var wait = refused.Lease.TryGetMetadata(MetadataName.RetryAfter, out var given) ? given : TimeSpan.FromSeconds(1);
        refused.HttpContext.Response.Headers.RetryAfter =
            Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Problems.Of(Refusals.TooManyRequests, "The caller asks for more than its share; others are not held up by it.")
            .ExecuteAsync(refused.HttpContext);
    }

    static RequestTimeoutPolicy After(int seconds) => new()
    {
        Timeout = TimeSpan.FromSeconds(seconds),
        TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
        WriteTimeoutResponse = http => Problems.Of(Refusals.TimedOut, $"The request was given up after {seconds} s.").ExecuteAsync(http),
    };
}
