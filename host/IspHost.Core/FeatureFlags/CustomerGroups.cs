using IspHost.Core.Tenancy;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Flags;

namespace IspHost.Core.FeatureFlags;

/// <summary>Finds the groups of a customer, for explanations.</summary>
sealed class CustomerGroups(ICustomers customers, TenantSql sql, TenantDirectory tenants)
{
    /// <summary>The customer with its groups; null if the tenant has none with this identity.</summary>
    public async Task<FlagSubject?> FindAsync(TenantId tenant, CustomerId customer, CancellationToken cancellationToken)
    {
        var known = await customers.GetAsync(tenant, [customer], cancellationToken);
        return known.Count == 0 ? null : FlagSubject.Of(tenant, known[0], await PlansAsync(tenant, customer, cancellationToken));
    }

    /// <summary>Of services that run or rest, on the tenant's day.</summary>
    async Task<IReadOnlyList<string>> PlansAsync(TenantId tenant, CustomerId customer, CancellationToken cancellationToken)
        => await sql.ReadAsync(
            tenant,
            """
            select distinct p.code
            from host.contract_version v
            join host.subscription s on s.id = v.subscription_id and s.state in ('active', 'held')
            join host.plan p on p.id = v.plan_id
            where v.customer_id = $1 and v.valid_from <= $2 and (v.valid_to is null or v.valid_to > $2)
            order by p.code
            """,
            row => row.GetString(0), cancellationToken, customer.Value, tenants.Today(tenant));
}
