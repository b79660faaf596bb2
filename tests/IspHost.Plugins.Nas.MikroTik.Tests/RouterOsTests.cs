using System.Collections.Immutable;
using System.Net;
using System.Text;
using IspHost.Sdk;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Testing;

namespace IspHost.Plugins.Nas.MikroTik.Tests;

public sealed class RouterOsTests
{
    static readonly TenantId Tenant = TenantId.New();

    static readonly AccessProfile Profile = new()
    {
        Up = BitRate.FromMegabits(10),
        Down = BitRate.FromMegabits(100),
        Throttled = BitRate.FromKilobits(512),
    };

    static readonly ConformanceSuite Suite = NasVendorConformance.For(() => new RouterOs(new AddressLists()));

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(AccessMode.Full, "10M/100M", "online")]
    [InlineData(AccessMode.Throttled, "512k/512k", "online")]
    [InlineData(AccessMode.WalledGarden, "10M/100M", "walled-garden")]
    public void The_router_receives_what_the_subscriber_sends(AccessMode access, string rates, string list)
    {
        var attributes = new RouterOs(new AddressLists()).Authorize(Tenant, Profile, access);
        Assert.Equal([(14988u, (byte)8, rates), (14988u, (byte)19, list)], Show(attributes));
    }

    [Fact]
    public void A_plan_slower_than_the_throttle_stays_slower()
        => Assert.Equal("256k/512k", Rates(Profile with { Up = BitRate.FromKilobits(256) }, AccessMode.Throttled));

    [Fact]
    public void A_plan_without_limits_is_throttled_all_the_same()
        => Assert.Equal("512k/512k", Rates(Profile with { Up = default, Down = default }, AccessMode.Throttled));

    [Fact]
    public void No_limit_is_zero() => Assert.Equal("0/100M", Rates(Profile with { Up = default }, AccessMode.Full));

    [Fact]
    public void A_change_names_the_list_again_so_that_the_session_leaves_the_other()
        => Assert.Equal("online", Show(new RouterOs(new AddressLists()).Change(Tenant, Profile, AccessMode.Full)!.Value)[1].Text);

    [Fact]
    public void A_session_is_found_by_its_id_its_user_and_its_address()
    {
        var identity = new RouterOs(new AddressLists()).Identify(Tenant, new SessionIdentity
        {
            AcctSessionId = "80a00001",
            UserName = "demo-user",
            FramedAddress = IPAddress.Parse("10.0.0.7"),
            PortId = "ether1",
        });
        Assert.Equal([44, 1, 8], identity.Select(attribute => (int)attribute.Type));
        Assert.Equal("0A000007", Convert.ToHexString(identity[2].Value.Span));
    }

    [Fact]
    public async Task The_plugin_offers_it_as_mikrotik_with_the_lists_from_the_settings()
    {
        var plugin = FakePluginBuilder.Of(new MikroTikPlugin(), ("WalledGardenList", "pay-here"));
        await using var container = plugin.Build();
        var vendor = plugin.Extension<INasVendor>(container, "mikrotik");
        Assert.Equal("pay-here", Show(vendor.Authorize(Tenant, Profile, AccessMode.WalledGarden))[1].Text);
    }

    [Fact]
    public void Two_lists_with_one_name_are_refused()
        => Assert.Throws<ArgumentException>(() => FakePluginBuilder.Of(new MikroTikPlugin(), ("WalledGardenList", "online")));

    static string Rates(AccessProfile profile, AccessMode access)
        => Show(new RouterOs(new AddressLists()).Authorize(Tenant, profile, access))[0].Text;

    static List<(uint Vendor, byte Type, string Text)> Show(ImmutableArray<RadiusAttribute> attributes)
        => [.. attributes.Select(attribute => (attribute.Vendor, attribute.Type, Encoding.UTF8.GetString(attribute.Value.Span)))];
}
