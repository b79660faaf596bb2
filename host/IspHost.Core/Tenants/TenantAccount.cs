using IspHost.Core.Database;
using IspHost.Core.Zones;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Tenants;

/// <summary>An ISP on this host, as it is stored.</summary>
public sealed class TenantAccount
{
    public required TenantId Id { get; init; }
    public required string Code { get; init; }
    public required string LegalName { get; set; }
    public required string[] Address { get; set; }
    public string? TaxNumber { get; set; }
    public required string Country { get; set; }
    public required Currency Currency { get; init; }
    public required string Zone { get; init; }
    public required string TaxEngine { get; set; }

    /// <summary>What time it is for the tenant; null: now.</summary>
    public Instant? TestClock { get; private set; }

    /// <summary>Sets the test clock. It never goes back: bills have been made by it.</summary>
    public bool TryAdvanceTo(Instant time)
    {
        if (TestClock > time)
            return false;
        TestClock = time;
        return true;
    }

    /// <summary>Ends the test: the tenant lives in the present again. Not while its clock is ahead of it.</summary>
    public bool TryReturnTo(Instant present)
    {
        if (TestClock > present)
            return false;
        TestClock = null;
        return true;
    }

    /// <summary>The tenant as plugins see it.</summary>
    public Tenant AsTenant(ZoneRules rules) => new()
    {
        Id = Id,
        Code = Code,
        LegalName = LegalName,
        Address = Address,
        TaxNumber = TaxNumber,
        Country = Country,
        Currency = Currency,
        Zone = rules.Zones[Zone],
        TaxEngine = TaxEngine,
    };
}

sealed class TenantMapping : IEntityTypeConfiguration<TenantAccount>
{
    public void Configure(EntityTypeBuilder<TenantAccount> tenant)
    {
        tenant.ToTable("tenant");
        tenant.HasKey(t => t.Id);
        tenant.Property(t => t.Id).ValueGeneratedNever();
        tenant.HasVersion();
    }
}

static class TenantTable
{
    extension(HostDb db) { public DbSet<TenantAccount> Tenants => db.Set<TenantAccount>(); }
}
