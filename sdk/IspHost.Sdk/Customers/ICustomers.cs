namespace IspHost.Sdk.Customers;

/// <summary>Reads the customers of a tenant.</summary>
[HostService]
public interface ICustomers
{
    /// <summary>Customers in the order of their identities, for walking through all of them a page at a time.</summary>
    /// <param name="tenant">Whose customers.</param>
    /// <param name="after">The last identity of the page before; null for the first page.</param>
    /// <param name="limit">How many at most, 1 to 10,000.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    /// <returns>Fewer than <paramref name="limit"/> only when no more follow.</returns>
    Task<IReadOnlyList<Customer>> PageAsync(TenantId tenant, CustomerId? after, int limit, CancellationToken cancellationToken);

    /// <summary>These customers; unknown identities are left out.</summary>
    Task<IReadOnlyList<Customer>> GetAsync(TenantId tenant, IReadOnlyCollection<CustomerId> customers, CancellationToken cancellationToken);
}

/// <summary>Who signs and who pays.</summary>
public sealed record Customer
{
    /// <summary>Its identity.</summary>
    public required CustomerId Id { get; init; }

    /// <summary>The number that the customer gives on the phone and in the portal, such as <c>ACME-0000017-3</c>.</summary>
    public required string PortalId { get; init; }

    /// <summary>The name that stands on invoices.</summary>
    public required string Name { get; init; }

    /// <summary>Where invoices go; null if the customer gave none.</summary>
    public string? Email { get; init; }

    /// <summary>The postal address, line by line.</summary>
    public IReadOnlyList<string> Address { get; init; } = [];

    /// <summary>ISO 3166 alpha-2: decides the tax.</summary>
    public required string Country { get; init; }

    /// <summary>The customer's VAT number, if it is a business that has one.</summary>
    public string? TaxNumber { get; init; }

    /// <summary>What price rules may look at, such as <c>residential</c>.</summary>
    public string Segment { get; init; } = "residential";

    /// <summary>Free labels, for price rules.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The day of registration, in the tenant's zone.</summary>
    public required NodaTime.LocalDate Since { get; init; }

    /// <summary>The day on which the account was closed; null while it is open.</summary>
    public NodaTime.LocalDate? ClosedOn { get; init; }
}
