using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using IspHost.Core.Web;
using IspHost.PluginRuntime;
using IspHost.Server.Serving;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace IspHost.Server.Watching;

/// <summary>
/// Metrics at <c>/metrics</c>; with an <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> metrics and traces go there, too, as the standard variables say.
/// </summary>
static class Telemetry
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const string Share = "OTEL_TRACES_SAMPLER_ARG";

    static readonly HashSet<string> Libraries =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "Npgsql",
        "System.Runtime",
    ];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                "isphost", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3),
                serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}"))
            .WithMetrics(metrics => metrics
                .AddMeter("*")
                .AddView(instrument => IsWanted(instrument) ? null : MetricStreamConfiguration.Drop)
                .AddPrometheusExporter());
        if (string.IsNullOrEmpty(builder.Configuration[Endpoint]))
            return;
        var share = ShareOf(builder.Configuration[Share]);
        telemetry
            .WithMetrics(metrics => metrics.AddOtlpExporter())
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = http => http.Request.Path.StartsWithSegments("/api"))
                .AddSource(RuntimeTraces.Name, "Npgsql", "Microsoft.FeatureManagement")
                .SetSampler(new ParentBasedSampler(new Beginnings(share)))
                .AddOtlpExporter());
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics").ForWatchers();

    /// <exception cref="StartException">It is none.</exception>
    internal static double ShareOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 1;
        var isNumber = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share);
        return isNumber && share <= 1
            ? share
            : throw new StartException($"{Share} is '{text}': it must be the share of traces to keep, from 0 to 1.");
    }

    /// <summary>A plugin's meters have any name; they are known by who made them.</summary>
    static bool IsWanted(Instrument instrument)
        => instrument.Meter.Scope is PluginMeters
            || instrument.Meter.Name.StartsWith("IspHost", StringComparison.Ordinal)
            || Libraries.Contains(instrument.Meter.Name);
}

/// <summary>
/// Which traces are kept: a share of those that begin with a request, a job or a packet, and none that begins with a statement of some
/// loop.
/// </summary>
sealed class Beginnings(double share) : Sampler
{
    readonly TraceIdRatioBasedSampler kept = new(share);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
        => samplingParameters.Kind is ActivityKind.Client
            ? new(SamplingDecision.Drop)
            : kept.ShouldSample(samplingParameters);
}
