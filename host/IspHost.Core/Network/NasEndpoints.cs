using System.Net;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Secrets;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Network;

/// <summary>The access servers of a tenant.</summary>
public static class NasEndpoints
{
    /// <summary>Maps <c>/nas</c>.</summary>
    public static void MapNas(this IEndpointRouteBuilder api)
    {
        var nas = api.MapGroup("/nas").WithTags("Network").ForTenants("network");

        nas.MapPost("/", Add);
        nas.MapGet("/", List);
        nas.MapPut("/{id}", Change);
        nas.MapDelete("/{id}", Remove);
    }

    static async Task<Results<Created<NasView>, ProblemHttpResult>> Add(
        NasDetails request, CurrentTenant current, TenantDatabase<IspDb> database, Vault vault, DevicePlaces places, Answers answers,
        CancellationToken stop)
    {
        if (request.Problem(places) is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        var nas = request.ToAccount(vault, current.Id);
        db.NasAccounts.Add(nas);
        db.Audit(current.Caller, "nas.add", $"nas/{nas.Id}", new { request.Address, request.Vendor });
        var created = TypedResults.Created($"/api/v1/nas/{nas.Id}", NasView.Of(nas));
        if (await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved)
            return created;
        return await db.NasAccounts.AnyAsync(other => other.Address == nas.Address, stop)
            ? Problems.Conflict("nas-exists", $"There is an access server at {request.Address} already.")
            : Problems.Conflict(
                "nas-address-taken", $"Another tenant has access servers at {request.Address}: ask the operator to let you share it.");
    }

    static async Task<Results<Ok<Page<NasView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        if (!Page.TryReadCursor(cursor, out var name, out var id))
            return Page.UnknownCursor;
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var rows = await db.NasAccounts
            .FromSql($"select * from host.nas_device where (name, id) > ({name}, {id})").AsNoTracking()
            .OrderBy(nas => nas.Name).ThenBy(nas => nas.Id)
            .Take(size + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows.ConvertAll(NasView.Of), size, nas => Page.Cursor(nas.Name, nas.Id.Value)));
    }

    static async Task<Results<Ok<NasView>, NotFound, ProblemHttpResult>> Change(
        NasId id, NasDetails request, CurrentTenant current, TenantDatabase<IspDb> database, Vault vault, DevicePlaces places,
        CancellationToken stop)
    {
        if (request.Problem(places) is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        if (await db.NasAccounts.SingleOrDefaultAsync(nas => nas.Id == id, stop) is not { } nas)
            return TypedResults.NotFound();
        if (!nas.Address.Equals(IPAddress.Parse(request.Address)))
            return Problems.Field("address", "the address that it has: another address is another access server");
        request.ApplyTo(nas, vault.Seal(SealedColumn.NasSecret.At(current.Id, id.Value), request.Secret));
        db.Audit(current.Caller, "nas.change", $"nas/{id}");
        await db.SaveChangesAsync(stop);
        return TypedResults.Ok(NasView.Of(nas));
    }

    static async Task<Results<NoContent, NotFound>> Remove(
        NasId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        if (await db.NasAccounts.SingleOrDefaultAsync(nas => nas.Id == id, stop) is not { } nas)
            return TypedResults.NotFound();
        db.NasAccounts.Remove(nas);
        db.Audit(current.Caller, "nas.remove", $"nas/{id}");
        await db.SaveChangesAsync(stop);
        return TypedResults.NoContent();
    }
}

/// <summary>What is to be known about an access server.</summary>
public sealed record NasDetails
{
    /// <summary>What staff call it; its address if none is given.</summary>
    public string? Name { get; init; }

    /// <summary>Where its packets come from.</summary>
    public required string Address { get; init; }

    /// <summary>The shared secret, 1 to 128 octets. It is stored encrypted and not shown again.</summary>
    public required string Secret { get; init; }

    /// <summary>The NAS extension that speaks its dialect; empty for standard attributes alone.</summary>
    public string Vendor { get; init; } = "";

    /// <summary>Whether its Access-Requests must carry a Message-Authenticator (CVE-2024-3596).</summary>
    public bool RequireMessageAuthenticator { get; init; } = true;

    /// <summary>The UDP port on which it takes CoA- and Disconnect-Requests.</summary>
    public int ChangePort { get; init; } = 3799;

    internal ProblemHttpResult? Problem(DevicePlaces places)
    {
        var fault = CanonicalText.FaultOfAddress(Address, out var address) ?? places.FaultOf(address);
        return Problem(fault);
    }

    ProblemHttpResult? Problem(string? addressFault) => new FieldRules()
        .Check("address", addressFault is null, addressFault ?? "")
        .Check("name", Name is null || Rules.IsName(Name, 100), "1 to 100 characters")
        .Check("secret", Secret.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(Secret) <= 128, "1 to 128 octets")
        .Check("vendor", Vendor.Length == 0 || Rules.IsCode(Vendor, 64), "the name of a NAS extension, such as mikrotik, or empty")
        .Check("change_port", ChangePort is >= 1 and <= 65_535, "1 to 65535")
        .Problem;

    internal NasAccount ToAccount(Vault vault, TenantId tenant)
    {
        var id = NasId.New();
        return new()
        {
            Id = id,
            Name = Name ?? Address,
            Address = IPAddress.Parse(Address),
            Secret = vault.Seal(SealedColumn.NasSecret.At(tenant, id.Value), Secret),
            Vendor = Vendor,
            RequireMessageAuthenticator = RequireMessageAuthenticator,
            ChangePort = ChangePort,
        };
    }

    internal void ApplyTo(NasAccount nas, byte[] sealedSecret)
    {
        nas.Name = Name ?? Address;
        nas.Secret = sealedSecret;
        nas.Vendor = Vendor;
        nas.RequireMessageAuthenticator = RequireMessageAuthenticator;
        nas.ChangePort = ChangePort;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(NasDetails)} {Address}";
}

/// <summary>An access server, as the API shows it: without its secret.</summary>
public sealed record NasView(NasId Id, string Name, string Address, string Vendor, bool RequireMessageAuthenticator, int ChangePort)
{
    internal static NasView Of(NasAccount nas)
        => new(nas.Id, nas.Name, nas.Address.ToString(), nas.Vendor, nas.RequireMessageAuthenticator, nas.ChangePort);
}
