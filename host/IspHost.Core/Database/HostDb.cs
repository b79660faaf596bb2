using IspHost.Core.ApiKeys;
using IspHost.Core.FeatureFlags;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Database;

/// <summary>The few tables above tenants: the tenants themselves, the operator's keys, and the feature flags.</summary>
public sealed class HostDb(DbContextOptions<HostDb> options) : DbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<TenantId>().HaveConversion<IdConverter<TenantId>>();
        configurationBuilder.Properties<Currency>().HaveConversion<CurrencyCode>().HaveColumnType("char(3)");
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema("host");
        modelBuilder.ApplyConfiguration(new TenantMapping());
        modelBuilder.ApplyConfiguration(new OperatorKeyMapping());
        modelBuilder.ApplyConfiguration(new FeatureFlagMapping());
    }

    sealed class CurrencyCode()
        : Microsoft.EntityFrameworkCore.Storage.ValueConversion.ValueConverter<Currency, string>(
            currency => currency.Code, code => Currency.Of(code));
}
