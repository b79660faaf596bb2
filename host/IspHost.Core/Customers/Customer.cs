using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;
using Contract = IspHost.Sdk.Customers.Customer;

namespace IspHost.Core.Customers;

/// <summary>Who signs and who pays, as it is stored.</summary>
public sealed class Customer
{
    public TenantId TenantId { get; init; }
    public required CustomerId Id { get; init; }
    public required string PortalId { get; init; }
    public required string Name { get; set; }
    public string? Email { get; set; }
    public required string[] Address { get; set; }
    public required string Country { get; set; }
    public string? TaxNumber { get; set; }
    public required string Segment { get; set; }
    public required string[] Tags { get; set; }
    public required LocalDate Since { get; init; }
    public LocalDate? ClosedOn { get; private set; }

    /// <summary>Closes the account. Its services must have been terminated before.</summary>
    public void Close(LocalDate today) => ClosedOn ??= today;

    /// <summary>The customer as the API and plugins see it.</summary>
    public Contract AsContract() => new()
    {
        Id = Id,
        PortalId = PortalId,
        Name = Name,
        Email = Email,
        Address = Address,
        Country = Country,
        TaxNumber = TaxNumber,
        Segment = Segment,
        Tags = Tags,
        Since = Since,
        ClosedOn = ClosedOn,
    };
}

sealed class CustomerMapping : IEntityTypeConfiguration<Customer>
{
    public void Configure(EntityTypeBuilder<Customer> customer)
    {
        customer.ToTable("customer");
        customer.HasKey(c => new { c.TenantId, c.Id });
        customer.Property(c => c.Id).ValueGeneratedNever();
        customer.HasVersion();
    }
}

static class CustomerTable
{
    extension(IspDb db) { public DbSet<Customer> Customers => db.Set<Customer>(); }
}
