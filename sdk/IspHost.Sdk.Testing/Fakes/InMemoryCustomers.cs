using System.Collections.Concurrent;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using NodaTime;

namespace IspHost.Sdk.Testing;

/// <summary>Customers that a test adds.</summary>
public sealed class InMemoryCustomers : ICustomers
{
    readonly ConcurrentDictionary<(TenantId, CustomerId), Customer> all = [];

    /// <summary>Adds a customer, or replaces the one with the same identity.</summary>
    public Customer Add(TenantId tenant, Customer customer) => all[(tenant, customer.Id)] = customer;

    /// <summary>Adds a residential customer of Greece.</summary>
    public Customer Add(TenantId tenant, string name) => Add(tenant, new Customer
    {
        Id = CustomerId.New(),
        PortalId = $"TEST-{all.Count + 1:D7}-0",
        Name = name,
        Email = $"customer-{all.Count + 1}@example.com",
        Country = "GR",
        Since = new LocalDate(2026, 1, 1),
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<Customer>> PageAsync(TenantId tenant, CustomerId? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<Customer>>([.. Of(tenant)
            .Where(customer => after is null || Order.Compare(customer.Id.Value, after.Value.Value) > 0)
            .Take(limit)]);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Customer>> GetAsync(
        TenantId tenant, IReadOnlyCollection<CustomerId> customers, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<Customer>>([.. Of(tenant).Where(customer => customers.Contains(customer.Id))]);
    }

    IEnumerable<Customer> Of(TenantId tenant)
        => all.Where(entry => entry.Key.Item1 == tenant).Select(entry => entry.Value).OrderBy(customer => customer.Id.Value, Order);

    /// <summary>The order of PostgreSQL, which compares the octets of a UUID as they are written; <see cref="Guid"/> agrees.</summary>
    static readonly Comparer<Guid> Order = Comparer<Guid>.Default;
}

/// <summary>Contract versions that a test adds.</summary>
public sealed class InMemoryContracts : IContracts
{
    readonly ConcurrentQueue<(TenantId Tenant, ContractVersion Version)> all = [];

    /// <summary>Adds a contract version.</summary>
    public ContractVersion Add(TenantId tenant, ContractVersion version)
    {
        all.Enqueue((tenant, version));
        return version;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ContractVersion>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<CustomerId> customers, LocalDate until, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<ContractVersion>>([.. all
            .Where(entry => entry.Tenant == tenant && customers.Contains(entry.Version.Customer) && entry.Version.From < until)
            .Select(entry => entry.Version)
            .OrderBy(version => version.Customer.Value)
            .ThenBy(version => version.Subscription.Value)
            .ThenBy(version => version.From)]);
    }
}
