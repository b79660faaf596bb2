using System.Net;
using System.Net.Sockets;
using IspHost.Core.Cluster;
using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk;

namespace IspHost.Core.Tests.Cluster;

public sealed class Small_parts
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(1_000_000, 60)]
    public void Pauses_double_up_to_the_longest(int failures, int seconds)
        => Assert.Equal(
            TimeSpan.FromSeconds(seconds), new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)).After(failures));

    [Fact]
    public void An_id_may_hold_slashes_for_it_comes_last()
    {
        var key = new PluginKey(TenantId.New(), "Tax.Vat", "nightly", "2026/10/x");

        Assert.Equal(key, PluginKey.Of(GrainId.Create("job", key.ToString())));
    }

    [Fact]
    public void A_port_is_free_and_given_out_once()
    {
        var (first, second) = (FreePort.On(IPAddress.Loopback), FreePort.On(IPAddress.Loopback));

        Assert.NotEqual(first, second);
        using var listener = new TcpListener(IPAddress.Loopback, first);
        listener.Start();
    }
}
