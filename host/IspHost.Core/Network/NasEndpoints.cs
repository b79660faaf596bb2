using System.ComponentModel.DataAnnotations;
using System.Net;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Secrets;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Web;
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
        var nas = api.MapGroup("/nas")
            .InChapter("Network", "Access servers, the addresses they come from, and the addresses that services get.")
            .ForTenants("network");

        nas.MapPost("/", Add).Refuses(Exists, AddressTaken).Documented(
            "addNas", "Add an access server", "Its packets are taken from now on, if they come from its address and carry its secret.");
        nas.MapGet("/", List).Documented("listNas", "List access servers", "By name. Secrets are not shown.");
        nas.MapGet("/{id}", Get).Documented("getNas", "Get an access server", "One of them, by identity.");
        nas.MapPut("/{id}", Replace).Documented(
            "replaceNas", "Replace what is known about an access server",
            "Its secret is given anew. Another address would be another access server.");
        nas.MapPatch("/{id}", Change).Documented(
            "changeNas", "Change what is known about an access server",
            "Fields that are given replace: the secret stays unless one is given.");
        nas.MapDelete("/{id}", Remove).Documented(
            "removeNas", "Remove an access server", "Its packets are dropped from now on. Sessions that ran on it stay on record.");
    }

    static readonly ProblemType Exists = new(
        "nas-exists", StatusCodes.Status409Conflict, "Conflict", "The tenant has an access server at this address already.");

    static readonly ProblemType AddressTaken = new(
        "nas-address-taken", StatusCodes.Status409Conflict, "Conflict",
        "Another tenant has access servers at this address: the operator can let several share it.");

    static async Task<Results<Created<NasView>, ProblemHttpResult>> Add(
        NasDetails request, CurrentTenant current, TenantDatabase<IspDb> database, Vault vault, DevicePlaces places, IExtensions extensions,
        Answers answers, CancellationToken stop)
    {
        if (request.Problem(places, extensions) is { } problem)
            return problem;
        await using var db = database.Open(current.Id);
        var nas = request.ToAccount(vault, current.Id);
        db.NasAccounts.Add(nas);
        db.Audit(current.Caller, "nas.add", $"nas/{nas.Id}", new { request.Address, request.Vendor });
        var created = TypedResults.Created($"/api/v1/nas/{nas.Id}", NasView.Of(nas));
        if (await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved)
            return created;
        return await db.NasAccounts.AnyAsync(other => other.Address == nas.Address, stop)
            ? Problems.Of(Exists, $"There is an access server at {request.Address} already.")
            : Problems.Of(
                AddressTaken, $"Another tenant has access servers at {request.Address}: ask the operator to let you share it.");
    }

    static async Task<Results<Ok<Page<NasView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "nas", out var name, out var id))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var rows = await db.NasAccounts
            .FromSql($"select *, xmin from host.nas_device where (name, id) > ({name}, {id})").AsNoTracking()
            .OrderBy(nas => nas.Name).ThenBy(nas => nas.Id)
            .Take(limit + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, limit, nas => Cursor.Of("nas", nas.Name, nas.Id.ToString())).Select(NasView.Of));
    }

    static async Task<Results<Ok<NasView>, NotFound>> Get(
        NasId id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.NasAccounts.AsNoTracking().SingleOrDefaultAsync(nas => nas.Id == id, stop) is { } nas
            ? TypedResults.Ok(NasView.Of(nas))
            : TypedResults.NotFound();
    }

    static Task<Results<Ok<NasView>, NotFound, ProblemHttpResult>> Replace(
        NasId id, NasDetails request, IfMatch ifMatch, CurrentTenant current, TenantDatabase<IspDb> database, Vault vault,
        IExtensions extensions, CancellationToken stop)
        => SaveAsync(id, _ => request, ifMatch, current, database, vault, extensions, stop);

    static Task<Results<Ok<NasView>, NotFound, ProblemHttpResult>> Change(
        NasId id, MergePatch<NasDetails> request, IfMatch ifMatch, CurrentTenant current, TenantDatabase<IspDb> database, Vault vault,
        IExtensions extensions, CancellationToken stop)
        => SaveAsync(
            id, nas => request.ApplyTo(NasDetails.Of(nas, vault.Open(SealedColumn.NasSecret.At(current.Id, id.Value), nas.Secret))),
            ifMatch, current, database, vault, extensions, stop);

    static async Task<Results<Ok<NasView>, NotFound, ProblemHttpResult>> SaveAsync(
        NasId id, Func<NasAccount, NasDetails> change, IfMatch ifMatch, CurrentTenant current, TenantDatabase<IspDb> database, Vault vault,
        IExtensions extensions, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        if (await db.NasAccounts.SingleOrDefaultAsync(nas => nas.Id == id, stop) is not { } nas)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(NasView.Of(nas)))
            return Refusals.Of(Refusals.PreconditionFailed);
        var details = change(nas);
        if (details.Problem(extensions: extensions) is { } problem)
            return problem;
        if (!nas.Address.Equals(IPAddress.Parse(details.Address)))
            return Problems.Field("address", "the address that it has: another address is another access server");
        details.ApplyTo(nas, vault.Seal(SealedColumn.NasSecret.At(current.Id, id.Value), details.Secret));
        db.Audit(current.Caller, "nas.change", $"nas/{id}");
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved
            ? TypedResults.Ok(NasView.Of(nas))
            : Refusals.Of(Refusals.ChangedMeanwhile);
    }

    static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Remove(
        NasId id, IfMatch ifMatch, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        if (await db.NasAccounts.SingleOrDefaultAsync(nas => nas.Id == id, stop) is not { } nas)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(NasView.Of(nas)))
            return Refusals.Of(Refusals.PreconditionFailed);
        db.NasAccounts.Remove(nas);
        db.Audit(current.Caller, "nas.remove", $"nas/{id}");
        return await db.TrySaveAsync(stop) is SaveOutcome.Saved ? TypedResults.NoContent() : Refusals.Of(Refusals.ChangedMeanwhile);
    }
}

/// <summary>What is to be known about an access server.</summary>
public sealed record NasDetails
{
    /// <summary>What staff call it; its address if none is given.</summary>
    [Line(100)]
    public string? Name { get; init; }

    /// <summary>Where its packets come from: an IP address in its usual form.</summary>
    [Line(45)]
    public required string Address { get; init; }

    /// <summary>The shared secret, at most 128 octets. It is stored encrypted and not shown again.</summary>
    [Line(128)]
    public required string Secret { get; init; }

    /// <summary>The NAS extension that speaks its dialect; empty for standard attributes alone.</summary>
    [RegularExpression("^([a-z0-9][a-z0-9-]{0,63})?$", ErrorMessage = "the name of a NAS extension, such as mikrotik, or empty")]
    public string Vendor { get; init; } = "";

    /// <summary>Whether its Access-Requests must carry a Message-Authenticator (CVE-2024-3596).</summary>
    public bool RequireMessageAuthenticator { get; init; } = true;

    /// <summary>The UDP port on which it takes CoA- and Disconnect-Requests.</summary>
    [Range(1, 65_535)]
    public int ChangePort { get; init; } = 3799;

    /// <param name="places">Where access servers may be; null if that is not asked any more.</param>
    /// <param name="extensions">Where vendors are; null likewise.</param>
    internal ProblemHttpResult? Problem(DevicePlaces? places = null, IExtensions? extensions = null)
    {
        var fault = CanonicalText.FaultOfAddress(Address, out var address) ?? places?.FaultOf(address);
        return new FieldRules()
            .Check("address", fault is null, fault ?? "")
            .Check("secret", System.Text.Encoding.UTF8.GetByteCount(Secret) <= 128, "1 to 128 octets")
            .Check(
                "vendor", Vendor.Length == 0 || extensions is null || extensions.Find<INasVendor>(Vendor) is not null,
                "the name of a NAS extension that is there, such as mikrotik, or empty")
            .Problem;
    }

    internal static NasDetails Of(NasAccount nas, string secret) => new()
    {
        Name = nas.Name,
        Address = nas.Address.ToString(),
        Secret = secret,
        Vendor = nas.Vendor,
        RequireMessageAuthenticator = nas.RequireMessageAuthenticator,
        ChangePort = nas.ChangePort,
    };

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
/// <param name="Id">Its identity.</param>
/// <param name="Name">What staff call it.</param>
/// <param name="Address">Where its packets come from.</param>
/// <param name="Vendor">The NAS extension that speaks its dialect; empty for standard attributes alone.</param>
/// <param name="RequireMessageAuthenticator">Whether its Access-Requests must carry a Message-Authenticator.</param>
/// <param name="ChangePort">The UDP port on which it takes CoA- and Disconnect-Requests.</param>
public sealed record NasView(NasId Id, string Name, string Address, string Vendor, bool RequireMessageAuthenticator, int ChangePort)
{
    internal static NasView Of(NasAccount nas)
        => new(nas.Id, nas.Name, nas.Address.ToString(), nas.Vendor, nas.RequireMessageAuthenticator, nas.ChangePort);
}
