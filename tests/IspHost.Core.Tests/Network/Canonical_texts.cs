using System.Net;
using IspHost.Core.Network;

namespace IspHost.Core.Tests.Network;

public sealed class Canonical_texts
{
    [Theory]
    [InlineData("10.9.8.7", null)]
    [InlineData("2001:db8::1", null)]
    [InlineData("010.9.8.7", "8.9.8.7")]
    [InlineData("10.9", "10.0.0.9")]
    [InlineData("0x0a.9.8.7", "10.9.8.7")]
    [InlineData("167772161", "10.0.0.1")]
    [InlineData("::ffff:127.0.0.3", "127.0.0.3")]
    [InlineData("2001:DB8::1", "2001:db8::1")]
    [InlineData("2001:db8:0:0::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:99", "2001:db8::1")]
    [InlineData("fe80::1%2", "without a zone")]
    [InlineData("10.9.8.7\n", "an IP address")]
    [InlineData("", "an IP address")]
    [InlineData(null, "an IP address")]
    public void Of_addresses_alone_are_taken(string? text, string? read)
        => AssertFault(read, CanonicalText.FaultOfAddress(text, out _));

    [Theory]
    [InlineData("100.64.8.0/22", null)]
    [InlineData("2001:db8::/40", null)]
    [InlineData("100.64.8.5/22", "100.64.8.0/22")]
    [InlineData("010.0.0.0/24", "8.0.0.0/24")]
    [InlineData("2001:db8::1/40", "2001:db8::/40")]
    [InlineData("::ffff:10.0.0.0/120", "a prefix")]
    [InlineData("10.0.0.0", "a prefix")]
    [InlineData("10.0.0.0/33", "a prefix")]
    public void Of_prefixes_alone_are_taken(string text, string? read)
        => AssertFault(read, CanonicalText.FaultOfPrefix(text, out _));

    [Theory]
    [InlineData("10.0.0.0/24", AddressKind.V4, 24, "piece_length")]
    [InlineData("10.0.0.0/24", AddressKind.V4, 33, "piece_length")]
    [InlineData("10.0.0.0/24", AddressKind.V6, null, "prefix")]
    [InlineData("2001:db8::/40", AddressKind.V6, 39, "piece_length")]
    [InlineData("2001:db8::/40", AddressKind.Delegated, 129, "piece_length")]
    [InlineData("2001:db8::/40", AddressKind.V4, null, "prefix")]
    [InlineData("127.0.0.0/8", AddressKind.V4, null, "prefix")]
    [InlineData("0.0.0.0/0", AddressKind.V4, null, "prefix")]
    [InlineData("224.0.0.0/24", AddressKind.V4, null, "prefix")]
    [InlineData("fe80::/64", AddressKind.V6, null, "prefix")]
    public void A_prefix_that_cannot_be_cut_so_says_which_field_is_wrong(string prefix, AddressKind kind, int? length, string field)
    {
        var (cut, broken) = PoolPrefix.Cut("home", IPNetwork.Parse(prefix), kind, length);

        Assert.Null(cut);
        Assert.Equal(field, broken.Field);
    }

    [Theory]
    [InlineData("10.9.8.7", true, true)]
    [InlineData("100.64.0.1", true, true)]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData("169.254.169.254", false, true)]
    [InlineData("fe80::1", false, true)]
    [InlineData("fd00:ec2::254", false, true)]
    [InlineData("224.0.0.1", false, false)]
    [InlineData("255.255.255.255", false, false)]
    [InlineData("0.0.0.0", false, false)]
    [InlineData("ff02::1", false, false)]
    [InlineData("::", false, false)]
    public void A_device_is_where_only_it_can_be_unless_the_operator_says_otherwise(
        string address, bool isAllowed, bool isAllowedByOperator)
    {
        var parsed = IPAddress.Parse(address);

        Assert.Equal(isAllowed, new DevicePlaces(new NetworkOptions()).FaultOf(parsed) is null);
        Assert.Equal(isAllowedByOperator, new DevicePlaces(new NetworkOptions { AllowLocalDevices = true }).FaultOf(parsed) is null);
    }

    static void AssertFault(string? expected, string? fault)
    {
        if (expected is null)
            Assert.Null(fault);
        else
            Assert.Contains(expected, fault, StringComparison.Ordinal);
    }
}
