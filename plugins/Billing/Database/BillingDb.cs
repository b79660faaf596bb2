using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Plugins.Billing;

/// <summary>The schema <c>billing</c>. It maps no entities: a bill run writes in bulk, so everything here is SQL.</summary>
sealed class BillingDb(DbContextOptions<BillingDb> options) : TenantDb(options)
{
    protected override string Schema => "billing";
}
