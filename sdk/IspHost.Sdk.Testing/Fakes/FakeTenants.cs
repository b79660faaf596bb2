using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Sdk.Testing;

/// <summary>Tenants whose clock stands still until a test moves it.</summary>
/// <param name="now">What time it is at first, for all tenants.</param>
public sealed class FakeTenants(Instant now) : ITenants
{
    readonly List<Tenant> all = [];
    readonly Lock gate = new();

    /// <summary>What time it is for all tenants.</summary>
    public Instant Time { get; private set; } = now;

    /// <inheritdoc/>
    public IReadOnlyList<Tenant> All
    {
        get { lock (gate) return [.. all.OrderBy(tenant => tenant.Code, StringComparer.Ordinal)]; }
    }

    /// <summary>Adds a tenant.</summary>
    public Tenant Add(Tenant tenant)
    {
        lock (gate)
            all.Add(tenant);
        return tenant;
    }

    /// <summary>Adds a tenant in Greece, with what a test seldom cares about filled in.</summary>
    public Tenant Add(string code, string currency = "EUR", string zone = "Europe/Athens", string taxEngine = "vat") => Add(new Tenant
    {
        Id = TenantId.New(),
        Code = code,
        LegalName = $"{code} S.A.",
        Country = "GR",
        Currency = Currency.Of(currency),
        Zone = DateTimeZoneProviders.Tzdb[zone],
        TaxEngine = taxEngine,
    });

    /// <summary>Sets the clock, backwards too.</summary>
    public void MoveTo(Instant now) => Time = now;

    /// <summary>Moves the clock on.</summary>
    public void MoveBy(Duration duration) => Time += duration;

    /// <inheritdoc/>
    public Tenant? Find(TenantId tenant) => All.FirstOrDefault(candidate => candidate.Id == tenant);

    /// <inheritdoc/>
    public Instant Now(TenantId tenant) => Time;
}

/// <summary>The tenant of a request that a test makes up.</summary>
public sealed class FakeCurrentTenant(TenantId id, string actor = "key:test") : ICurrentTenant
{
    /// <inheritdoc/>
    public TenantId Id { get; } = id;

    /// <inheritdoc/>
    public string Actor { get; } = actor;
}
