using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IspHost.Sdk.Data;

/// <summary>A context that sees and writes the rows of one tenant.</summary>
/// <remarks>
/// Every entity has a property <c>TenantId</c>, which is part of its key and is filled in on saving. Three things keep tenants
/// apart: the query filter here, the tenant that <see cref="TenantCommands"/> sends with every command, and the policies of
/// row-level security, which hold without the other two.
/// </remarks>
public abstract class TenantDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>Whose rows. <see cref="TenantDatabase{TDb}"/> sets it once, before the context is used.</summary>
    public TenantId Tenant { get; internal set; }

    /// <summary>False leaves tenants apart by row-level security alone: a test runs so.</summary>
    public bool FiltersTenants { get; init; } = true;

    /// <summary>The schema that unqualified tables are in.</summary>
    protected abstract string Schema { get; }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        Identity<TenantId>(configurationBuilder);
        Identity<CustomerId>(configurationBuilder);
        Identity<PlanId>(configurationBuilder);
        Identity<SubscriptionId>(configurationBuilder);
        Identity<ContractVersionId>(configurationBuilder);
        Identity<NasId>(configurationBuilder);
        configurationBuilder.Properties<Currency>().HaveConversion<CurrencyCode>().HaveColumnType("char(3)");
        configurationBuilder.Properties<DataVolume>().HaveConversion<Bytes>();
        configurationBuilder.Properties<BitRate>().HaveConversion<BitsPerSecond>();
    }

    /// <summary>Stores an identity of the plugin's own as its UUID: call it from <see cref="ConfigureConventions"/>.</summary>
    protected static void Identity<TId>(ModelConfigurationBuilder conventions) where TId : struct, IId<TId>
        => conventions.Properties<TId>().HaveConversion<IdConverter<TId>>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.ApplyConfigurationsFromAssembly(GetType().Assembly);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(IsTenantTable).ToList())
            modelBuilder.Entity(entity.ClrType).HasQueryFilter(Filter(entity));
    }

    /// <inheritdoc/>
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        StampTenant();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        StampTenant();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    static bool IsTenantTable(IMutableEntityType entity)
        => !entity.IsOwned() && entity.BaseType is null && entity.FindProperty("TenantId")?.ClrType == typeof(TenantId);

    /// <summary><c>row => !FiltersTenants || row.TenantId == Tenant</c>, read from the context that runs the query.</summary>
    LambdaExpression Filter(IMutableEntityType entity)
    {
        var row = Expression.Parameter(entity.ClrType, "row");
        var context = Expression.Constant(this);
        var mine = Expression.Equal(Expression.Property(row, "TenantId"), Expression.Property(context, nameof(Tenant)));
        var off = Expression.Not(Expression.Property(context, nameof(FiltersTenants)));
        return Expression.Lambda(Expression.OrElse(off, mine), row);
    }

    void StampTenant()
    {
        foreach (var entry in ChangeTracker.Entries().Where(entry => entry.State == EntityState.Added))
        {
            if (entry.Metadata.FindProperty("TenantId") is { } property
                && entry.Property(property).CurrentValue is TenantId { Value: var value }
                && value == Guid.Empty)
                entry.Property(property).CurrentValue = Tenant;
        }
    }

    sealed class CurrencyCode() : ValueConverter<Currency, string>(currency => currency.Code, code => Currency.Of(code));

    sealed class Bytes() : ValueConverter<DataVolume, long>(volume => volume.Bytes, bytes => new DataVolume(bytes));

    sealed class BitsPerSecond() : ValueConverter<BitRate, long>(rate => rate.BitsPerSecond, bits => new BitRate(bits));
}

/// <summary>Stores an identity as its UUID.</summary>
/// <typeparam name="TId">The identity.</typeparam>
public sealed class IdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => From(value)) where TId : struct, IId<TId>
{
    static TId From(Guid value) => TId.From(value);
}
