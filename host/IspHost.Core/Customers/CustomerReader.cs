using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;
using Contract = IspHost.Sdk.Customers.Customer;

namespace IspHost.Core.Customers;

/// <summary>Customers, for plugins.</summary>
sealed class CustomerReader(TenantDatabase<IspDb> database) : ICustomers
{
    public async Task<IReadOnlyList<Contract>> PageAsync(TenantId tenant, CustomerId? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        await using var db = database.Open(tenant);
        // Compared as UUIDs by PostgreSQL: the order of Guid in .NET is another one.
        var start = after?.Value ?? Guid.Empty;
        var rows = await db.Customers
            .FromSql($"select *, xmin from host.customer where id > {start} order by id limit {limit}")
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        return [.. rows.OrderBy(row => row.Id.ToString(), StringComparer.Ordinal).Select(row => row.AsContract())];
    }

    public async Task<IReadOnlyList<Contract>> GetAsync(
        TenantId tenant, IReadOnlyCollection<CustomerId> customers, CancellationToken cancellationToken)
    {
        await using var db = database.Open(tenant);
        var rows = await db.Customers.AsNoTracking().Where(customer => customers.Contains(customer.Id)).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => row.AsContract());
    }
}
