using System.ComponentModel.DataAnnotations;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
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
        var customers = api.MapGroup("/customers").InChapter("Customers", "Who signs and who pays.").ForTenants("customers");

        customers.MapPost("/", Register).Documented(
            "createCustomer", "Register a customer",
            "Draws the next portal id, by which the customer is known on the phone and in the portal.");
        customers.MapGet("/", List).Documented(
            "listCustomers", "List customers",
            "By portal id, or as `sort` says. `search` is a part of the name, in any case, or a whole portal id; `closed` adds closed "
            + "accounts.");
        customers.MapGet("/{id}", Get).Documented("getCustomer", "Get a customer", "One customer, by identity.");
        customers.MapPut("/{id}", Replace).Documented(
            "replaceCustomer", "Replace a customer's details",
            "What is left out goes back to its default: to change one field, use PATCH.");
        customers.MapPatch("/{id}", Change).Documented(
            "changeCustomer", "Change a customer's details", "Fields that are given replace, null removes, all others stay as they are.");
    }

    static async Task<Results<Created<Contract>, ProblemHttpResult>> Register(
        CustomerDetails request, CurrentTenant current, TenantDirectory tenants, TenantDatabase<IspDb> database, Answers answers,
        CancellationToken stop)
    {
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

    static async Task<Results<Ok<Page<Contract>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Line(200)] string? search = null, bool closed = false,
        [AllowedValues("portal_id", "-portal_id", "name", "-name")] string sort = "portal_id",
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, $"customers by {sort}", parts: 2, out var after))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var found = db.Customers.AsNoTracking()
            .Where(customer => search == null || EF.Functions.ILike(customer.Name, $"%{search}%") || customer.PortalId == search)
            .Where(customer => closed || customer.ClosedOn == null);
        var rows = await Sorted(found, sort, after).Take(limit + 1).ToListAsync(stop);
        return TypedResults.Ok(
            Page.Of(rows, limit, row => Cursor.Of($"customers by {sort}", row.Name, row.PortalId)).Select(row => row.AsContract()));
    }

    /// <summary>From behind a place on. A name may be another's, too; a portal id is nobody else's.</summary>
    static IQueryable<Customer> Sorted(IQueryable<Customer> customers, string sort, string[]? after)
    {
        var (name, id) = (after?[0], after?[1]);
        return sort switch
        {
            "name" => customers
                .Where(one => id == null
                    || EF.Functions.GreaterThan(ValueTuple.Create(one.Name, one.PortalId), ValueTuple.Create(name, id)))
                .OrderBy(one => one.Name).ThenBy(one => one.PortalId),
            "-name" => customers
                .Where(one => id == null || EF.Functions.LessThan(ValueTuple.Create(one.Name, one.PortalId), ValueTuple.Create(name, id)))
                .OrderByDescending(one => one.Name).ThenByDescending(one => one.PortalId),
            "-portal_id" => customers
                .Where(one => id == null || string.Compare(one.PortalId, id) < 0).OrderByDescending(one => one.PortalId),
            _ => customers.Where(one => id == null || string.Compare(one.PortalId, id) > 0).OrderBy(one => one.PortalId),
        };
    }

    static async Task<Results<Ok<Contract>, NotFound>> Get(
        CustomerId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.Customers.AsNoTracking().SingleOrDefaultAsync(customer => customer.Id == id, stop) is { } customer
            ? TypedResults.Ok(customer.AsContract())
            : TypedResults.NotFound();
    }

    static Task<Results<Ok<Contract>, NotFound, ProblemHttpResult>> Replace(
        CustomerId id, CustomerDetails request, IfMatch ifMatch, CurrentTenant current, TenantDirectory tenants,
        TenantDatabase<IspDb> database, CancellationToken stop)
        => SaveAsync(id, _ => request, ifMatch, current, tenants, database, stop);

    static Task<Results<Ok<Contract>, NotFound, ProblemHttpResult>> Change(
        CustomerId id, MergePatch<CustomerDetails> request, IfMatch ifMatch, CurrentTenant current, TenantDirectory tenants,
        TenantDatabase<IspDb> database, CancellationToken stop)
        => SaveAsync(id, request.ApplyTo, ifMatch, current, tenants, database, stop);

    static async Task<Results<Ok<Contract>, NotFound, ProblemHttpResult>> SaveAsync(
        CustomerId id, Func<CustomerDetails, CustomerDetails> change, IfMatch ifMatch, CurrentTenant current, TenantDirectory tenants,
        TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        if (await db.Customers.SingleOrDefaultAsync(customer => customer.Id == id, stop) is not { } customer)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(customer.AsContract()))
            return Refusals.Of(Refusals.PreconditionFailed);
        change(CustomerDetails.Of(customer)).ApplyTo(customer, tenants.Find(current.Id)!.Country);
        db.Audit(current.Caller, "customer.change", $"customer/{id}");
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Ok(customer.AsContract())
            : Refusals.Of(Refusals.ChangedMeanwhile);
    }
}

/// <summary>What a customer tells about itself.</summary>
public sealed record CustomerDetails
{
    /// <summary>The name on invoices.</summary>
    [Line(200)]
    public required string Name { get; init; }

    /// <summary>Where invoices go.</summary>
    [Email]
    public string? Email { get; init; }

    /// <summary>The postal address, line by line.</summary>
    [MaxLength(6), Line(100)]
    public string[] Address { get; init; } = [];

    /// <summary>ISO 3166 alpha-2; the tenant's if none is given.</summary>
    [Country]
    public string? Country { get; init; }

    /// <summary>The customer's VAT number.</summary>
    [TaxNumber]
    public string? TaxNumber { get; init; }

    /// <summary>What price rules may look at, such as <c>residential</c> or <c>business</c>.</summary>
    [Code(64)]
    public string Segment { get; init; } = "residential";

    /// <summary>Free labels, for price rules.</summary>
    [MaxLength(20), Code(64)]
    public string[] Tags { get; init; } = [];

    internal static CustomerDetails Of(Customer customer) => new()
    {
        Name = customer.Name,
        Email = customer.Email,
        Address = customer.Address,
        Country = customer.Country,
        TaxNumber = customer.TaxNumber,
        Segment = customer.Segment,
        Tags = customer.Tags,
    };

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

    internal void ApplyTo(Customer customer, string tenantCountry)
    {
        customer.Name = Name;
        customer.Email = Email;
        customer.Address = Address;
        customer.Country = Country ?? tenantCountry;
        customer.TaxNumber = TaxNumber;
        customer.Segment = Segment;
        customer.Tags = [.. Tags.Order(StringComparer.Ordinal)];
    }
}
