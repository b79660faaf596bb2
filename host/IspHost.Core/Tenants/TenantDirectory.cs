using System.Collections.Frozen;
using IspHost.Core.Database;
using IspHost.Core.Zones;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Tenants;

/// <summary>All tenants, in memory.</summary>
public sealed class TenantDirectory(IDbContextFactory<HostDb> host, ZoneRules rules, IClock clock) : ITenants
{
    volatile Snapshot current = new([], FrozenDictionary<TenantId, Entry>.Empty, FrozenDictionary<string, Tenant>.Empty);

    /// <inheritdoc/>
    public IReadOnlyList<Tenant> All => current.All;

    /// <inheritdoc/>
    public Tenant? Find(TenantId tenant) => current.ById.GetValueOrDefault(tenant)?.Tenant;

    /// <summary>The tenant with this code, if there is one.</summary>
    public Tenant? Find(string code) => current.ByCode.GetValueOrDefault(code);

    /// <inheritdoc/>
    public Instant Now(TenantId tenant) => current.ById.GetValueOrDefault(tenant)?.TestClock ?? clock.GetCurrentInstant();

    /// <summary>The day that it is for the tenant, in its zone.</summary>
    public LocalDate Today(TenantId tenant) => Now(tenant).InZone(Find(tenant)!.Zone).Date;

    /// <summary>Reads all tenants again, if the change concerns them.</summary>
    public async Task OnChangeAsync(Change change, CancellationToken cancellationToken)
    {
        if (change.Concerns("tenant"))
            await ReloadAsync(cancellationToken);
    }

    /// <summary>Reads all tenants.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        var accounts = await db.Tenants.AsNoTracking().OrderBy(tenant => tenant.Code).ToListAsync(cancellationToken);
        var entries = accounts.ConvertAll(account => new Entry(account.AsTenant(rules), account.TestClock));
        current = new Snapshot(
            entries.ConvertAll(entry => entry.Tenant),
            entries.ToFrozenDictionary(entry => entry.Tenant.Id),
            entries.ToFrozenDictionary(entry => entry.Tenant.Code, entry => entry.Tenant, StringComparer.Ordinal));
    }

    sealed record Entry(Tenant Tenant, Instant? TestClock);

    sealed record Snapshot(
        IReadOnlyList<Tenant> All, FrozenDictionary<TenantId, Entry> ById, FrozenDictionary<string, Tenant> ByCode);
}
