using System.Collections.Immutable;
using HelloNas;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>A vendor for each requirement that it does not meet.</summary>
static class WrongNasVendors
{
    static readonly WisprNas Right = new("http://portal.example/pay");

    public static IEnumerable<(string Requirement, Func<INasVendor> Create)> All =>
    [
        ("Every profile gets an answer in every mode, and no exception.",
            () => new Vendor { Authorizing = (profile, mode)
                => profile.Pool is null ? throw new ArgumentException("No pool.") : Rightly(profile, mode) }),
        ("Every profile gets an answer in every mode, and no exception.", () => new Vendor { Identifying = _ => default }),
        ("No attribute is longer than RADIUS carries: 253 octets, 247 of a vendor.",
            () => Adding(profile => RadiusAttribute.Text(88, profile.Pool ?? ""))),
        ("No attribute is longer than RADIUS carries: 253 octets, 247 of a vendor.",
            () => Adding(_ => RadiusAttribute.Text(14122, 1, new string('x', 248)))),
        ("A vendor's attributes name the vendor and leave attribute 26 to the host.",
            () => Adding(_ => RadiusAttribute.Text(26, "\0\0\x37\x2a"))),
        ("What the host sets itself is left to it.", () => Adding(_ => RadiusAttribute.Text(25, "class"))),
        ("The speed to the subscriber reaches the server.",
            () => Rewriting((profile, _) => profile with { Down = BitRate.FromMegabits(1) })),
        ("The speed from the subscriber reaches the server.",
            () => Rewriting((profile, _) => profile with { Up = BitRate.FromMegabits(1) })),
        ("A change tells the server the new speed, if there is a change at all.", () => new Vendor { Changing = (_, _) => [] }),
        ("A throttled session is told the throttled speed.",
            () => new Vendor { Authorizing = (profile, mode)
                => Rightly(profile, mode == AccessMode.Throttled ? AccessMode.Full : mode) }),
        ("A throttled session is told the throttled speed.",
            () => Rewriting((profile, mode) => profile with { Throttled = BitRate.FromKilobits(128) })),
        ("A walled garden is told apart from full access.",
            () => new Vendor { Authorizing = (profile, mode)
                => Rightly(profile, mode == AccessMode.WalledGarden ? AccessMode.Full : mode) }),
        ("A session is identified by identification attributes only.",
            () => new Vendor { Identifying = _ => [RadiusAttribute.Integer(0, 27, 3600)] }),
        ("The same question gets the same answer, also at the same time.", Counting),
    ];

    static ImmutableArray<RadiusAttribute> Rightly(AccessProfile profile, AccessMode mode) => Right.Authorize(default, profile, mode);

    static Vendor Adding(Func<AccessProfile, RadiusAttribute> add)
        => new() { Authorizing = (profile, mode) => [.. Rightly(profile, mode), add(profile)] };

    static Vendor Rewriting(Func<AccessProfile, AccessMode, AccessProfile> rewrite)
        => new() { Authorizing = (profile, mode) => Rightly(rewrite(profile, mode), mode) };

    static Vendor Counting()
    {
        var calls = 0u;
        return Adding(_ => RadiusAttribute.Integer(14122, 9, Interlocked.Increment(ref calls)));
    }

    sealed class Vendor : INasVendor
    {
        public Func<AccessProfile, AccessMode, ImmutableArray<RadiusAttribute>> Authorizing { get; init; } = Rightly;

        public Func<AccessProfile, AccessMode, ImmutableArray<RadiusAttribute>?> Changing { get; init; }
            = (profile, mode) => Right.Change(default, profile, mode);

        public Func<SessionIdentity, ImmutableArray<RadiusAttribute>> Identifying { get; init; }
            = session => Right.Identify(default, session);

        public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access)
            => Authorizing(profile, access);

        public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access)
            => Changing(profile, access);

        public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session) => Identifying(session);
    }
}
