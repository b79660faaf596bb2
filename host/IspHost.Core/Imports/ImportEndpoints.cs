using System.Globalization;
using System.Text;
using IspHost.Core.ApiKeys;
using IspHost.Core.Database;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Imports;

/// <summary>Taking over data of other systems.</summary>
public static class ImportEndpoints
{
    const int MaxFile = 32 * 1024 * 1024;

    /// <summary>Maps <c>/imports</c>.</summary>
    public static void MapImports(this IEndpointRouteBuilder api)
    {
        var imports = api.MapGroup("/imports").InChapter("Imports", "Taking over data of other systems.").ForTenants("subscriptions");

        imports.MapPost("/subscribers", Begin).Accepts<string>("text/csv")
            .RequireRateLimiting(LimitsSetup.Expensive).WithRequestTimeout(LimitsSetup.Long)
            .WithMetadata(new RequestSizeLimitAttribute(MaxFile)).Documented(
                "importSubscribers", "Import subscribers",
                "From a CSV file with the columns username, password and plan. Watch it where `Location` says until its state is `done`; "
                + "with `Prefer: wait=20` the answer may be that already. Rows that are refused are named, and the others are taken.");
        imports.MapGet("/", List).Documented("listImports", "List imports", "The latest first.");
        imports.MapGet("/{id}", Find).Documented("getImport", "Get an import", "How far it is.");
        imports.MapGet("/{id}/refused-rows", Refused).Documented(
            "listRefusedRows", "List the refused rows of an import", "By their number in the file: the first 10,000.");
        imports.MapPost("/{id}/cancel", Cancel).Refuses(Ended).Documented(
            "cancelImport", "Cancel an import", "What was imported stays, and the rest of the file is forgotten.");
    }

    static readonly ProblemType Ended = new(
        "import-ended", StatusCodes.Status409Conflict, "Conflict", "The import has ended, so there is nothing to cancel.");

    static async Task<Results<Ok<ImportView>, Accepted<ImportView>, ProblemHttpResult>> Begin(
        HttpRequest request, PreferredWait wait, CurrentTenant current, SubscriberImports imports, TenantDatabase<IspDb> database,
        CancellationToken stop)
    {
        using var file = new StreamReader(request.Body, Encoding.UTF8);
        try
        {
            var id = await imports.BeginAsync(current.Caller, file, stop);
            var import = await wait.UntilAsync(await LookAsync(), LookAsync, import => import.State is not ImportState.Running);
            return import.State is ImportState.Running
                ? TypedResults.Accepted($"/api/v1/imports/{id}", import)
                : TypedResults.Ok(import);

            async Task<ImportView> LookAsync() => (await FindAsync(database, current.Id, id, stop))!;
        }
        catch (SubscriberFileException fault)
        {
            return Problems.Field("file", $"a file of subscribers. {fault.Message.TrimEnd('.')}");
        }
    }

    static async Task<Results<Ok<Page<ImportView>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "imports", out Guid? before))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var rows = await db.Imports.AsNoTracking()
            .Where(import => before == null || import.Id < before)
            .OrderByDescending(import => import.Id).Take(limit + 1).ToListAsync(stop);
        return TypedResults.Ok(
            Page.Of(rows, limit, import => Cursor.Of("imports", import.Id.ToString())).Select(ImportView.Of));
    }

    static async Task<Results<Ok<ImportView>, NotFound>> Find(
        Guid id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
        => await FindAsync(database, current.Id, id, stop) is { } import ? TypedResults.Ok(import) : TypedResults.NotFound();

    static async Task<Results<Ok<Page<RefusedRow>>, NotFound, ProblemHttpResult>> Refused(
        Guid id, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "refused-rows", out string? place))
            return Cursor.Unknown;
        var after = 0;
        if (place is not null && !int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        if (!await db.Imports.AnyAsync(import => import.Id == id, stop))
            return TypedResults.NotFound();
        var rows = await db.ImportRefusals.AsNoTracking().Where(row => row.ImportId == id && row.Row > after)
            .OrderBy(row => row.Row).Take(limit + 1).Select(row => new RefusedRow(row.Row, row.Reason)).ToListAsync(stop);
        return TypedResults.Ok(
            Page.Of(rows, limit, row => Cursor.Of("refused-rows", row.Row.ToString(CultureInfo.InvariantCulture))));
    }

    static async Task<Results<Ok<ImportView>, NotFound, ProblemHttpResult>> Cancel(
        Guid id, CurrentTenant current, SubscriberImports imports, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        var isEnded = await imports.CancelAsync(current.Caller, id, stop);
        if (await FindAsync(database, current.Id, id, stop) is not { } import)
            return TypedResults.NotFound();
        return isEnded ? TypedResults.Ok(import) : Problems.Of(Ended, $"The import is {import.State.ToString().ToLowerInvariant()}.");
    }

    static async Task<ImportView?> FindAsync(TenantDatabase<IspDb> database, TenantId tenant, Guid id, CancellationToken stop)
    {
        await using var db = database.Open(tenant);
        return await db.Imports.AsNoTracking().SingleOrDefaultAsync(import => import.Id == id, stop) is { } import
            ? ImportView.Of(import)
            : null;
    }
}

/// <summary>An import, as the API shows it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="State">How far it is.</param>
/// <param name="Rows">How many rows the file has.</param>
/// <param name="Imported">How many were imported.</param>
/// <param name="Refused">How many were not.</param>
/// <param name="StartedAt">When the file came.</param>
/// <param name="FinishedAt">When it ended; absent while it runs.</param>
/// <param name="Error">Why it does not get on, while it is tried again.</param>
public sealed record ImportView(
    Guid Id, ImportState State, int Rows, int Imported, int Refused, Instant StartedAt, Instant? FinishedAt, string? Error)
{
    internal static ImportView Of(Import import) => new(
        import.Id, import.State, import.Rows, import.Imported, import.Refused, import.StartedAt, import.FinishedAt, import.Error);
}

/// <summary>A row that was not imported.</summary>
/// <param name="Row">Its number in the file; the header is 1.</param>
/// <param name="Reason">Why.</param>
public sealed record RefusedRow(int Row, string Reason);
