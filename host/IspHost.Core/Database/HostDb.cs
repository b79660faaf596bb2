using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IspHost.Core.Database;

/// <summary>The few tables above tenants. They are those whose entity has no <c>TenantId</c>, and this names none of them.</summary>
public sealed class HostDb(DbContextOptions<HostDb> options) : DbContext(options)
{
    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Conventions.Add(_ => new EnumsAsText());
        configurationBuilder.Properties<TenantId>().HaveConversion<IdConverter<TenantId>>();
        configurationBuilder.Properties<Currency>().HaveConversion<CurrencyCode>().HaveColumnType("char(3)");
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema("host");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(HostDb).Assembly, IsAboveTenants);
    }

    static bool IsAboveTenants(Type mapping)
        => mapping.GetInterfaces()
            .Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEntityTypeConfiguration<>))
            .Any(contract => contract.GenericTypeArguments[0].GetProperty("TenantId") is null);

    sealed class CurrencyCode() : ValueConverter<Currency, string>(currency => currency.Code, code => Currency.Of(code));
}
