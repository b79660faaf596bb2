using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Rating;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>A customer with all contracts there ever were.</summary>
sealed record Party(Customer Customer, IReadOnlyList<ContractVersion> Versions)
{
    /// <summary>What a price rule sees of the customer, as it stood on a day.</summary>
    public RatedAccount On(LocalDate day)
    {
        var inForce = Versions.Where(version => version.From <= day && (version.To is not { } to || day < to)).ToList();
        return new()
        {
            Id = Customer.PortalId,
            Segment = Customer.Segment,
            ActiveSince = Customer.Since.ToDateOnly(),
            Lines = inForce.Select(version => version.Subscription).Distinct().Count(),
            Products = [.. inForce.Select(version => version.PlanCode).Distinct().Order(StringComparer.Ordinal)],
            Tags = [.. Customer.Tags.Order(StringComparer.Ordinal)],
        };
    }
}
