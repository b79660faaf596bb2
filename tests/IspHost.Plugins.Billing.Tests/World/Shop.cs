using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using NodaTime;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The host as billing sees it: an ISP with its customers, contracts, usage and clock, all in memory.</summary>
sealed class Shop(Tenant tenant) : ITenants, ICustomers, IContracts, IUsage
{
    readonly Dictionary<CustomerId, Customer> customers = [];
    readonly List<ContractVersion> versions = [];
    readonly List<HourlyUsage> hours = [];

    public Tenant Tenant { get; } = tenant;

    public Instant Clock { get; set; } = Instant.FromUtc(2026, 11, 1, 6, 0);

    public IReadOnlyList<Tenant> All => [Tenant];

    /// <summary>Thrown by the next reads of contracts, until it is null again.</summary>
    public Exception? Broken { get; set; }

    public Tenant? Find(TenantId tenant) => tenant == Tenant.Id ? Tenant : null;

    public Instant Now(TenantId tenant) => Clock;

    public Customer Register(string name = "Ada Lovelace", string? email = null)
    {
        var customer = new Customer
        {
            Id = CustomerId.New(),
            PortalId = $"ACME-{customers.Count + 1:D7}-3",
            Name = name,
            Email = email,
            Address = ["1 High Street", "12345 Town"],
            Country = "GR",
            Since = new(2025, 1, 1),
        };
        customers.Add(customer.Id, customer);
        return customer;
    }

    public void Forget(CustomerId customer) => customers.Remove(customer);

    public ContractVersion Sign(Customer customer, ContractVersion version)
    {
        versions.Add(version with { Customer = customer.Id });
        return versions[^1];
    }

    public void Replace(ContractVersion old, ContractVersion now) => versions[versions.IndexOf(old)] = now;

    public void Use(SubscriptionId subscription, LocalDate day, long gigabytes, int hour = 12)
    {
        var at = day.At(new LocalTime(hour, 0)).InZoneLeniently(Tenant.Zone).ToOffsetDateTime();
        hours.Add(new(subscription, at, DataVolume.FromGigabytes(0), DataVolume.FromGigabytes(gigabytes)));
    }

    /// <summary>Of how many services usage was asked for, and for which days.</summary>
    public System.Collections.Concurrent.ConcurrentBag<(int Services, DateRange Days)> UsageRead { get; } = [];

    public long UsedBytes => hours.Sum(hour => hour.Up.Bytes + hour.Down.Bytes);

    public Task<IReadOnlyList<Customer>> PageAsync(TenantId tenant, CustomerId? after, int limit, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<Customer>>(
        [
            .. customers.Values
                .OrderBy(c => c.Id.Value)
                .Where(c => after is null || c.Id.Value.CompareTo(after.Value.Value) > 0)
                .Take(limit),
        ]);

    public Task<IReadOnlyList<Customer>> GetAsync(TenantId tenant, IReadOnlyCollection<CustomerId> ids, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<Customer>>([.. ids.Where(customers.ContainsKey).Select(id => customers[id])]);

    public Task<IReadOnlyList<ContractVersion>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<CustomerId> ids, LocalDate until, CancellationToken cancellationToken)
        => Broken is { } broken
            ? Task.FromException<IReadOnlyList<ContractVersion>>(broken)
            : Task.FromResult<IReadOnlyList<ContractVersion>>(
            [
                .. versions.Where(v => ids.Contains(v.Customer) && v.From < until)
                    .OrderBy(v => v.Customer.Value).ThenBy(v => v.Subscription.Value).ThenBy(v => v.From),
            ]);

    public Task<IReadOnlyList<HourlyUsage>> ReadAsync(
        TenantId tenant, IReadOnlyCollection<SubscriptionId> subscriptions, DateRange days, CancellationToken cancellationToken)
    {
        UsageRead.Add((subscriptions.Count, days));
        return Task.FromResult<IReadOnlyList<HourlyUsage>>(
        [
            .. hours.Where(h => subscriptions.Contains(h.Subscription) && days.Contains(h.Hour.Date))
                .OrderBy(h => h.Subscription.Value).ThenBy(h => h.Hour.ToInstant()),
        ]);
    }
}
