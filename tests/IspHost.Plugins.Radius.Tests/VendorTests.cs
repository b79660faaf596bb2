using System.Diagnostics.Metrics;
using System.Net;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Radius.Tests;

public sealed class VendorTests
{
    static readonly AccessProfile Profile = new() { Up = BitRate.FromMegabits(1), Down = BitRate.FromMegabits(8) };

    [Theory]
    [InlineData("missing", "no plugin offers it")]
    [InlineData("broken", "The extension is broken.")]
    public void What_is_wrong_with_a_vendor_is_said_once_a_minute_for_each_device_and_not_with_each_packet(string vendor, string reason)
    {
        var (time, log, extensions) = (new Watch(), new LogLines<Vendors>(), new FakeExtensions());
        extensions.Add<INasVendor>("broken", new TestVendor(fails: true));
        using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var vendors = new Vendors(extensions, new RadiusMetrics(meters.GetRequiredService<IMeterFactory>()), time, log);
        var (one, other) = (Device(vendor), Device(vendor));

        for (var packet = 0; packet < 100; packet++)
        {
            Assert.Empty(vendors.Authorize(one, Profile, AccessMode.Full));
            Assert.Empty(vendors.Authorize(other, Profile, AccessMode.Full));
        }
        Assert.Equal(
            [
                $"The NAS extension {vendor} did nothing for device {one.Id}: {reason}",
                $"The NAS extension {vendor} did nothing for device {other.Id}: {reason}",
            ],
            log.All);

        time.Now += TimeSpan.FromMinutes(1).Ticks;
        vendors.Authorize(one, Profile, AccessMode.Full);
        Assert.Equal(3, log.All.Count);
    }

    [Fact]
    public async Task A_vendor_cannot_write_what_the_protocol_needs()
    {
        await using var world = World.Create();
        world.AddDevice("test");
        world.Extensions.Add<INasVendor>("test", new TestVendor());
        world.AddSubscriber();
        var request = new Peer(1).Text(1, "demo-user").Password("demo-pass").ToAccess();

        var reply = Peer.Checked((await world.AuthenticateAsync(request)).Replies.Single(), request);

        Assert.True(reply.TryFind(14988, 8, out _));
    }

    static NasDevice Device(string vendor) => new()
    {
        Id = NasId.New(),
        Tenant = TenantId.New(),
        Address = IPAddress.Loopback,
        Secret = new byte[16],
        Vendor = vendor,
    };

    sealed class Watch : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
