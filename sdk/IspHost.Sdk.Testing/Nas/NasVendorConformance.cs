using System.Collections.Immutable;
using System.Net;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Sdk.Testing;

/// <summary>What every <see cref="INasVendor"/> must do.</summary>
public static class NasVendorConformance
{
    /// <summary>The suite for one vendor. As the host, it never asks about <see cref="AccessMode.Blocked"/>.</summary>
    /// <param name="create">Makes a fresh vendor.</param>
    public static ConformanceSuite For(Func<INasVendor> create)
    {
        var checks = new NasChecks(create);
        return new ConformanceSuite("nas",
            ("Every profile gets an answer in every mode, and no exception.", checks.EveryProfileIsAnswered),
            ("No attribute is longer than RADIUS carries: 253 octets, 247 of a vendor.", checks.AttributesFit),
            ("A vendor's attributes name the vendor and leave attribute 26 to the host.", checks.VendorsAreNamed),
            ("What the host sets itself is left to it.", checks.HostAttributesAreLeftAlone),
            ("The speed to the subscriber reaches the server.", checks.DownIsTold),
            ("The speed from the subscriber reaches the server.", checks.UpIsTold),
            ("A change tells the server the new speed, if there is a change at all.", checks.ChangeTellsTheSpeed),
            ("A throttled session is told the throttled speed.", checks.ThrottledIsTold),
            ("A walled garden is told apart from full access.", checks.WalledGardenIsTold),
            ("A session is identified by identification attributes only.", checks.IdentifyHoldsOnlyIdentification),
            ("The same question gets the same answer, also at the same time.", checks.SameQuestionSameAnswer));
    }
}

sealed class NasChecks(Func<INasVendor> create)
{
    /// <summary>User-Password, CHAP-Password, Class, Proxy-State, Acct-Interim-Interval, EAP-Message, Message-Authenticator.</summary>
    static readonly byte[] Hosts = [2, 3, 25, 33, 85, 79, 80];

    /// <summary>
    /// RFC 5176 section 3: what identifies the server (NAS-IP-Address, NAS-Identifier, NAS-IPv6-Address) and the session
    /// (User-Name, NAS-Port, Framed-IP-Address, Called- and Calling-Station-Id, Acct-Session-Id, Acct-Multi-Session-Id,
    /// NAS-Port-Id, Chargeable-User-Identity, Framed-Interface-Id, Framed-IPv6-Prefix); of a vendor, any.
    /// </summary>
    static readonly byte[] Identification = [4, 32, 95, 1, 5, 8, 30, 31, 44, 50, 87, 89, 96, 97];

    static readonly TenantId Tenant = TenantId.From(new Guid("0198c0de-0000-7000-8000-000000000001"));

    static readonly AccessMode[] Modes = [AccessMode.Full, AccessMode.Throttled, AccessMode.WalledGarden];

    static readonly AccessProfile Usual = new() { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100), Pool = "pool-1" };

    static readonly AccessProfile[] Profiles =
    [
        Usual,
        Usual with { Up = BitRate.FromMegabits(10_000), Down = BitRate.FromMegabits(100_000) },
        Usual with { Up = new BitRate(1), Down = new BitRate(999) },
        Usual with { Up = default, Down = default, Throttled = default, Pool = null },
        Usual with { Up = new BitRate(long.MaxValue), Down = new BitRate(long.MaxValue), Throttled = new BitRate(long.MaxValue) },
        Usual with { Pool = new string('p', 400) },
        Usual with { Pool = "δεξαμενή " + new string('λ', 300) },
        Usual with { SessionLimit = 1, InterimInterval = NodaTime.Duration.FromSeconds(60) },
    ];

    static readonly SessionIdentity[] Sessions =
    [
        new() { AcctSessionId = "80a00001", UserName = "demo-user" },
        new() { AcctSessionId = "1", UserName = "näme@δοκιμή", FramedAddress = IPAddress.Parse("10.0.0.7"), PortId = "ether1" },
        new() { AcctSessionId = new string('s', 253), UserName = new string('u', 253), FramedAddress = IPAddress.Parse("2001:db8::7") },
        new() { AcctSessionId = "80a00002", UserName = "u", PortId = new string('p', 253) },
    ];

    public Task EveryProfileIsAnswered(CancellationToken stop) => ForEachAnswerAsync((_, _) => { });

    public Task AttributesFit(CancellationToken stop) => ForEachAnswerAsync((attribute, asked)
        => Expect.That(attribute.Value.Length <= (attribute.Vendor == 0 ? 253 : 247), $"{Show(attribute)}, when asked {asked}"));

    public Task VendorsAreNamed(CancellationToken stop) => ForEachAnswerAsync((attribute, asked)
        => Expect.That(attribute is not { Vendor: 0, Type: 26 } and not { Vendor: 0, Type: 0 }, $"{Show(attribute)}, when asked {asked}"));

    public Task HostAttributesAreLeftAlone(CancellationToken stop) => ForEachAnswerAsync((attribute, asked)
        => Expect.That(attribute.Vendor != 0 || !Hosts.Contains(attribute.Type), $"{Show(attribute)}, when asked {asked}"));

    public Task DownIsTold(CancellationToken stop) => ExpectDifferent(AccessMode.Full, Usual with { Down = BitRate.FromMegabits(50) });

    public Task UpIsTold(CancellationToken stop) => ExpectDifferent(AccessMode.Full, Usual with { Up = BitRate.FromMegabits(5) });

    public Task ThrottledIsTold(CancellationToken stop)
    {
        ExpectDifferent(create().Authorize(Tenant, Usual, AccessMode.Full), create().Authorize(Tenant, Usual, AccessMode.Throttled),
            "full and throttled");
        return ExpectDifferent(AccessMode.Throttled, Usual with { Throttled = BitRate.FromKilobits(64) });
    }

    public Task WalledGardenIsTold(CancellationToken stop)
    {
        ExpectDifferent(create().Authorize(Tenant, Usual, AccessMode.Full), create().Authorize(Tenant, Usual, AccessMode.WalledGarden),
            "full and walled in");
        return Task.CompletedTask;
    }

    public Task ChangeTellsTheSpeed(CancellationToken stop)
    {
        var slower = Usual with { Down = BitRate.FromMegabits(50) };
        if (create().Change(Tenant, Usual, AccessMode.Full) is { } one && create().Change(Tenant, slower, AccessMode.Full) is { } other)
            ExpectDifferent(one, other, "a change to 100M and one to 50M");
        return Task.CompletedTask;
    }

    public Task IdentifyHoldsOnlyIdentification(CancellationToken stop)
    {
        foreach (var attribute in Sessions.SelectMany(session => Present(create().Identify(Tenant, session))))
            Expect.That(attribute.Vendor != 0 || Identification.Contains(attribute.Type), $"{Show(attribute)} in a Disconnect-Request");
        return Task.CompletedTask;
    }

    public async Task SameQuestionSameAnswer(CancellationToken stop)
    {
        var vendor = create();
        var first = Profiles.Select(profile => Show(vendor.Authorize(Tenant, profile, AccessMode.Full))).ToList();
        var answers = await Expect.AtOnceAsync(64, i
            => Task.FromResult(Show(vendor.Authorize(Tenant, Profiles[i % Profiles.Length], AccessMode.Full))));
        for (var i = 0; i < answers.Length; i++)
            Expect.That(answers[i] == first[i % first.Count], $"first {first[i % first.Count]}, then {answers[i]}");
    }

    Task ForEachAnswerAsync(Action<RadiusAttribute, string> check)
    {
        foreach (var (profile, mode) in Profiles.SelectMany(profile => Modes.Select(mode => (profile, mode))))
        {
            foreach (var attribute in Present(create().Authorize(Tenant, profile, mode)))
                check(attribute, $"to authorize {mode}");
            foreach (var attribute in create().Change(Tenant, profile, mode) is { } change ? Present(change) : [])
                check(attribute, $"to change to {mode}");
        }
        foreach (var attribute in Sessions.SelectMany(session => Present(create().Identify(Tenant, session))))
            check(attribute, "to identify a session");
        return Task.CompletedTask;
    }

    Task ExpectDifferent(AccessMode mode, AccessProfile other)
    {
        ExpectDifferent(create().Authorize(Tenant, Usual, mode), create().Authorize(Tenant, other, mode), "two speeds");
        return Task.CompletedTask;
    }

    static void ExpectDifferent(ImmutableArray<RadiusAttribute> one, ImmutableArray<RadiusAttribute> other, string what)
        => Expect.That(Show(Present(one)) != Show(Present(other)), $"the same attributes for {what}: {Show(one)}");

    static ImmutableArray<RadiusAttribute> Present(ImmutableArray<RadiusAttribute> attributes)
    {
        Expect.That(!attributes.IsDefault, "default(ImmutableArray), which cannot even be counted: [] means none");
        return attributes;
    }

    static string Show(ImmutableArray<RadiusAttribute> attributes) => string.Join(" ", attributes.Select(Show));

    static string Show(RadiusAttribute attribute)
        => $"{attribute.Vendor}:{attribute.Type}={Convert.ToHexStringLower(attribute.Value.Span)}";
}
