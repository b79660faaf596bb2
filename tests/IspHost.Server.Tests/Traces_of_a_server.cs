using System.Buffers.Binary;
using System.Diagnostics;
using IspHost.Server.Serving;
using IspHost.Server.Watching;
using OpenTelemetry.Trace;

namespace IspHost.Server.Tests;

public sealed class Traces_of_a_server
{
    [Theory]
    [InlineData(null, 1000)]
    [InlineData("0", 0)]
    [InlineData("0.25", 250)]
    [InlineData("1", 1000)]
    public void Are_kept_in_the_share_that_the_operator_has_set(string? share, int kept)
    {
        var sampler = new Beginnings(Telemetry.ShareOf(share));

        Assert.Equal(kept, Enumerable.Range(0, 1000).Count(number => IsKept(sampler, number, ActivityKind.Server)));
        Assert.False(IsKept(sampler, 0, ActivityKind.Client));
    }

    [Theory]
    [InlineData("much")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public void Of_a_share_that_is_none_keep_the_server_from_starting(string share)
        => Assert.StartsWith(
            $"OTEL_TRACES_SAMPLER_ARG is '{share}'", Assert.Throws<StartException>(() => Telemetry.ShareOf(share)).Message,
            StringComparison.Ordinal);

    /// <summary>Identities that are spread evenly, as those of random ones are nearly.</summary>
    static bool IsKept(Beginnings sampler, int number, ActivityKind kind)
    {
        var id = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, long.MaxValue / 2000 * (2 * number + 1));
        id[15] = 1;
        var asked = new SamplingParameters(default, ActivityTraceId.CreateFromBytes(id), "trace", kind);
        return sampler.ShouldSample(asked).Decision is SamplingDecision.RecordAndSample;
    }
}
