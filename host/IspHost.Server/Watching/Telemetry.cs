using System.Diagnostics.Metrics;
using IspHost.Core.Web;
using IspHost.PluginRuntime;
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
        telemetry
            .WithMetrics(metrics => metrics.AddOtlpExporter())
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = http => http.Request.Path.StartsWithSegments("/api"))
                .AddSource(RuntimeTraces.Name, "Npgsql")
                .SetSampler(new ParentBasedSampler(new Beginnings()))
                .AddOtlpExporter());
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics").ForWatchers();

    /// <summary>A plugin's meters have any name; they are known by who made them.</summary>
    static bool IsWanted(Instrument instrument)
        => instrument.Meter.Scope is PluginMeters
            || instrument.Meter.Name.StartsWith("IspHost", StringComparison.Ordinal)
            || Libraries.Contains(instrument.Meter.Name);
}

/// <summary>Which traces are kept: those that begin with a request, a job or a packet, and not with a statement of some loop.</summary>
sealed class Beginnings : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
        => new(samplingParameters.Kind is System.Diagnostics.ActivityKind.Client
            ? SamplingDecision.Drop
            : SamplingDecision.RecordAndSample);
}
