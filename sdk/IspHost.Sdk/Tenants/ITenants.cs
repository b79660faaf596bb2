using NodaTime;

namespace IspHost.Sdk.Tenants;

/// <summary>The tenants of this host, from memory: a change arrives within a second on every node.</summary>
[HostService]
public interface ITenants
{
    /// <summary>All tenants, by code.</summary>
    IReadOnlyList<Tenant> All { get; }

    /// <summary>The tenant with this identity, if there is one.</summary>
    Tenant? Find(TenantId tenant);

    /// <summary>What time it is for the tenant: now, or what its test clock says.</summary>
    /// <remarks>All business time of a tenant comes from here, so that a sandbox tenant can live through a month in a minute.</remarks>
    Instant Now(TenantId tenant);
}

/// <summary>The tenant that the present HTTP request acts for. Only endpoints have one.</summary>
[HostService]
public interface ICurrentTenant
{
    /// <summary>The tenant of the caller's API key.</summary>
    /// <exception cref="InvalidOperationException">There is no request, or its endpoint is not a tenant's.</exception>
    TenantId Id { get; }

    /// <summary>Who the caller is, for the audit: <c>key:</c> and the API key's public part.</summary>
    string Actor { get; }
}

/// <summary>An ISP.</summary>
public sealed record Tenant
{
    /// <summary>Its identity.</summary>
    public required TenantId Id { get; init; }

    /// <summary>A short name for addresses and command lines: lower-case letters, digits and hyphens, at most 32.</summary>
    public required string Code { get; init; }

    /// <summary>The name that stands on invoices.</summary>
    public required string LegalName { get; init; }

    /// <summary>The postal address, line by line.</summary>
    public IReadOnlyList<string> Address { get; init; } = [];

    /// <summary>The VAT or sales tax number, if it has one.</summary>
    public string? TaxNumber { get; init; }

    /// <summary>ISO 3166 alpha-2.</summary>
    public required string Country { get; init; }

    /// <summary>What its plans are priced in.</summary>
    public required Currency Currency { get; init; }

    /// <summary>Where its days begin.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>The name of the extension that computes its taxes.</summary>
    public required string TaxEngine { get; init; }
}
