using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Contract = IspHost.Sdk.Customers.Customer;

namespace IspHost.Core.Customers;

/// <summary>Customers of a tenant.</summary>
public static class CustomerEndpoints
{
    /// <summary>Maps <c>/customers</c>.</summary>
    public static void MapCustomers(this IEndpointRouteBuilder api)
    {
        var customers = api.MapGroup("/customers").WithTags("Customers").ForTenants("customers");

        customers.MapPost("/", Register);
        customers.MapGet("/", List);
        customers.MapGet("/{id}", Get);
        customers.MapPut("/{id}", Change);
    }

    static async Task<Results<Created<Contract>, ProblemHttpResult>> Register(
        CustomerDetails request, CurrentTenant current, TenantDirectory tenants, TenantDatabase<IspDb> database, Answers answers,
        CancellationToken stop)
    {
        if (request.Problem() is { } problem)
            return problem;
        var tenant = tenants.Find(current.Id)!;
        return await database.InTransactionAsync(tenant.Id, async (db, token) =>
        {
            var number = await PortalId.DrawAsync(db, tenant.Id, 1, token);
            var added = request.ToCustomer(PortalId.Format(tenant.Code, number), tenant.Country, tenants.Today(tenant.Id));
            db.Customers.Add(added);
            db.Audit(current.Caller, "customer.register", $"customer/{added.Id}");
            await db.SaveChangesAsync(token);
            var created = TypedResults.Created($"/api/v1/customers/{added.Id}", added.AsContract());
            await answers.KeepAsync((NpgsqlConnection)db.Database.GetDbConnection(), created, token);
            return created;
        }, stop);
    }

    static async Task<Ok<Page<Contract>>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        string? search = null, string? cursor = null, int limit = 50)
    {
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var rows = await db.Customers.AsNoTracking()
            .Where(customer => search == null || EF.Functions.ILike(customer.Name, $"%{search}%") || customer.PortalId == search)
            .Where(customer => cursor == null || string.Compare(customer.PortalId, cursor) > 0)
            .OrderBy(customer => customer.PortalId)
            .Take(size + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows.ConvertAll(row => row.AsContract()), size, row => row.PortalId));
    }

    static async Task<Results<Ok<Contract>, NotFound>> Get(
        CustomerId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.Customers.AsNoTracking().SingleOrDefaultAsync(customer => customer.Id == id, stop) is { } customer
            ? TypedResults.Ok(customer.AsContract())
            : TypedResults.NotFound();
    }

    static async Task<Results<Ok<Contract>, NotFound, ProblemHttpResult>> Change(
        CustomerId id, CustomerDetails request, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        if (request.Problem() is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        if (await db.Customers.SingleOrDefaultAsync(customer => customer.Id == id, stop) is not { } customer)
            return TypedResults.NotFound();
        request.ApplyTo(customer);
        db.Audit(current.Caller, "customer.change", $"customer/{id}");
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(customer.AsContract());
    }
}

/// <summary>What a customer tells about itself.</summary>
public sealed record CustomerDetails
{
    /// <summary>The name on invoices, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Where invoices go.</summary>
    public string? Email { get; init; }

    /// <summary>The postal address, at most 6 lines of 100 characters.</summary>
    public string[] Address { get; init; } = [];

    /// <summary>ISO 3166 alpha-2; the tenant's if none is given.</summary>
    public string? Country { get; init; }

    /// <summary>The customer's VAT number.</summary>
    public string? TaxNumber { get; init; }

    /// <summary>Such as <c>residential</c> or <c>business</c>.</summary>
    public string Segment { get; init; } = "residential";

    /// <summary>At most 20 labels.</summary>
    public string[] Tags { get; init; } = [];

    internal ProblemHttpResult? Problem() => new FieldRules()
        .Check("name", Rules.IsName(Name, 200), "1 to 200 characters")
        .Check("email", Email is null || Rules.IsEmail(Email), "an e-mail address")
        .Check("address", Rules.IsAddress(Address), Rules.AddressRule)
        .Check("country", Country is null || Rules.IsCountry(Country), "a country code of ISO 3166, such as GR")
        .Check("tax_number", TaxNumber is null || Rules.IsName(TaxNumber, 32), "1 to 32 characters")
        .Check("segment", Rules.IsCode(Segment, 64), "lower-case letters, digits and hyphens, 1 to 64")
        .Check("tags", Tags.Length <= 20 && Tags.All(tag => Rules.IsCode(tag, 64)), "at most 20 of lower-case letters, digits and hyphens")
        .Problem;

    internal Customer ToCustomer(string portalId, string tenantCountry, NodaTime.LocalDate today) => new()
    {
        Id = CustomerId.New(),
        PortalId = portalId,
        Name = Name,
        Email = Email,
        Address = Address,
        Country = Country ?? tenantCountry,
        TaxNumber = TaxNumber,
        Segment = Segment,
        Tags = [.. Tags.Order(StringComparer.Ordinal)],
        Since = today,
    };

    internal void ApplyTo(Customer customer)
    {
        customer.Name = Name;
        customer.Email = Email;
        customer.Address = Address;
        customer.Country = Country ?? customer.Country;
        customer.TaxNumber = TaxNumber;
        customer.Segment = Segment;
        customer.Tags = [.. Tags.Order(StringComparer.Ordinal)];
    }
}
