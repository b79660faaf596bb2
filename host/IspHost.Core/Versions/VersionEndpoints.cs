using System.Linq.Expressions;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Core.Versions;

/// <summary>Versions of the API, for the operator.</summary>
public static class VersionEndpoints
{
    /// <summary>Those who integrate plan their work by the half-year.</summary>
    const int LeastNoticeDays = 180;

    static readonly ProblemType NotThatState = new(
        "api-version-state", StatusCodes.Status409Conflict, "Conflict",
        "The version does not stand as this needs: a preview can be released, and a deprecated version has an end that can be moved.");

    /// <summary>Maps <c>/api-versions</c>.</summary>
    public static void MapApiVersions(this IEndpointRouteBuilder api)
    {
        var versions = api.MapGroup("/api-versions")
            .InChapter("API versions", "Which versions of this API there are, how each stands, and who still calls one that will end.")
            .ForOperators();

        versions.MapGet("/", List).Documented("listApiVersions", "List API versions", "The oldest first.");
        versions.MapGet("/{version}", Get).Documented("getApiVersion", "Get an API version", "How it stands.");
        versions.MapPost("/{version}/release", Release).Refuses(NotThatState).Documented(
            "releaseApiVersion", "Release an API version",
            "From now on it is meant by who names none and has a new key. The one before is deprecated, and ends on `sunset_on`.");
        versions.MapPatch("/{version}", Change).Refuses(NotThatState).Documented(
            "changeApiVersion", "Move the end of an API version", "Of a deprecated one: to another day, or to none with null.");
        versions.MapGet("/{version}/calls", ListCalls).Documented(
            "listApiVersionCalls", "List who calls an API version",
            "By key and operation, since the version was deprecated; a minute or so behind.");
    }

    static async Task<Results<Ok<Page<ApiVersionView>>, ProblemHttpResult>> List(
        KnownVersions versions, IDbContextFactory<HostDb> host, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        LocalDate? after = null;
        if (!Cursor.TryRead(cursor, "api-versions", out string? text) || (text is not null && !TryRead(text, out after)))
            return Cursor.Unknown;
        await using var db = await host.CreateDbContextAsync(stop);
        var rows = await db.ApiVersions.AsNoTracking()
            .Where(version => after == null || version.Version > after)
            .OrderBy(version => version.Version)
            .Take(limit + 1)
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of("api-versions", RequestedVersion.TextOf(row.Version)))
            .Select(row => ApiVersionView.Of(row, versions.Today)));
    }

    static async Task<Results<Ok<ApiVersionView>, NotFound>> Get(
        [IsoDate] string version, KnownVersions versions, IDbContextFactory<HostDb> host, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        return await db.ApiVersions.AsNoTracking().SingleOrDefaultAsync(Dated(version), stop) is { } found
            ? TypedResults.Ok(ApiVersionView.Of(found, versions.Today))
            : TypedResults.NotFound();
    }

    static async Task<Results<Ok<ApiVersionView>, NotFound, ProblemHttpResult>> Release(
        [IsoDate] string version, VersionRelease request, KnownVersions versions, IDbContextFactory<HostDb> host, ICurrentTenant current,
        CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.ApiVersions.SingleOrDefaultAsync(Dated(version), stop) is not { } next)
            return TypedResults.NotFound();
        if (next.State is not VersionState.Preview)
            return Problems.Of(NotThatState, $"Version {version} was released on {RequestedVersion.TextOf(next.ReleasedOn!.Value)}.");
        if (EndProblem(request.SunsetOn, versions.Today) is { } problem)
            return problem;

        // Of two current versions there is never more than one, not even for a moment: the older one steps back first.
        await using var transaction = await db.Database.BeginTransactionAsync(stop);
        var former = await db.ApiVersions.SingleAsync(row => row.State == VersionState.Current, stop);
        (former.State, former.DeprecatedOn, former.SunsetOn) = (VersionState.Deprecated, versions.Today, request.SunsetOn);
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        (next.State, next.ReleasedOn) = (VersionState.Current, versions.Today);
        db.Audit(current.Actor, "api_version.release", $"api_version/{version}", new { Before = former.Version, request.SunsetOn });
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        await transaction.CommitAsync(stop);
        await versions.ReloadAsync(stop);
        return TypedResults.Ok(ApiVersionView.Of(next, versions.Today));
    }

    static async Task<Results<Ok<ApiVersionView>, NotFound, ProblemHttpResult>> Change(
        [IsoDate] string version, MergePatch<VersionRelease> request, IfMatch ifMatch, KnownVersions versions,
        IDbContextFactory<HostDb> host, ICurrentTenant current, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.ApiVersions.SingleOrDefaultAsync(Dated(version), stop) is not { } row)
            return TypedResults.NotFound();
        if (ifMatch.IsMissedBy(ApiVersionView.Of(row, versions.Today)))
            return Refusals.Of(Refusals.PreconditionFailed);
        if (row.StateOn(versions.Today) is not VersionState.Deprecated)
            return Problems.Of(NotThatState, $"Version {version} is not deprecated, or has ended.");
        var changed = request.ApplyTo(new VersionRelease(row.SunsetOn));
        if (changed.SunsetOn != row.SunsetOn && EndProblem(changed.SunsetOn, versions.Today) is { } problem)
            return problem;
        row.SunsetOn = changed.SunsetOn;
        db.Audit(current.Actor, "api_version.change", $"api_version/{version}", changed);
        if (await db.TrySaveAsync(stop) is not SaveOutcome.Saved)
            return Refusals.Of(Refusals.ChangedMeanwhile);
        await versions.ReloadAsync(stop);
        return TypedResults.Ok(ApiVersionView.Of(row, versions.Today));
    }

    /// <summary>A date, as the rule of the parameter has made sure.</summary>
    static LocalDate DateOf(string version) => LocalDatePattern.Iso.Parse(version).Value;

    static bool TryRead(string text, out LocalDate? date)
    {
        var parsed = LocalDatePattern.Iso.Parse(text);
        date = parsed.Success ? parsed.Value : null;
        return parsed.Success;
    }

    static Expression<Func<ApiVersionRow, bool>> Dated(string version)
    {
        var date = DateOf(version);
        return row => row.Version == date;
    }

    static ProblemHttpResult? EndProblem(LocalDate? end, LocalDate today)
    {
        var earliest = today.PlusDays(LeastNoticeDays);
        return end < earliest
            ? Problems.Field("sunset_on", $"{LeastNoticeDays} days ahead at least, which is {RequestedVersion.TextOf(earliest)}")
            : null;
    }

    static async Task<Results<Ok<Page<VersionCallView>>, NotFound, ProblemHttpResult>> ListCalls(
        [IsoDate] string version, VersionCalls calls, IDbContextFactory<HostDb> host, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "api-version-calls", parts: 2, out var after))
            return Cursor.Unknown;
        var (key, operation) = (after?[0], after?[1]);
        var date = DateOf(version);
        await calls.WriteAsync(stop);
        await using var db = await host.CreateDbContextAsync(stop);
        if (!await db.ApiVersions.AnyAsync(row => row.Version == date, stop))
            return TypedResults.NotFound();
        var rows = await (
            from call in db.VersionCalls
            where call.Version == date && (key == null || string.Compare(call.KeyPrefix, key) > 0
                || (call.KeyPrefix == key && string.Compare(call.Operation, operation) > 0))
            join tenant in db.Tenants on call.Tenant equals tenant.Id into tenants
            from tenant in tenants.DefaultIfEmpty()
            orderby call.KeyPrefix, call.Operation
            select new VersionCallView(
                call.KeyPrefix, tenant == null ? null : tenant.Code, call.Operation, call.Calls, call.FirstAt, call.LastAt))
            .Take(limit + 1).ToListAsync(stop);
        return TypedResults.Ok(Page.Of(rows, limit, row => Cursor.Of("api-version-calls", row.Key, row.Operation)));
    }
}

/// <summary>What becomes of the version before.</summary>
/// <param name="SunsetOn">The first day on which it is refused, at least 180 days ahead; without one it stays.</param>
public sealed record VersionRelease(LocalDate? SunsetOn = null);

/// <summary>A version of the API.</summary>
/// <param name="Version">By which it is known, in the header `Api-Version`.</param>
/// <param name="State">How it stands.</param>
/// <param name="ReleasedOn">When it was released.</param>
/// <param name="DeprecatedOn">When the next one took its place.</param>
/// <param name="SunsetOn">The first day on which it is refused.</param>
public sealed record ApiVersionView(
    LocalDate Version, VersionState State, LocalDate? ReleasedOn, LocalDate? DeprecatedOn, LocalDate? SunsetOn)
{
    internal static ApiVersionView Of(ApiVersionRow row, LocalDate today)
        => new(row.Version, row.StateOn(today), row.ReleasedOn, row.DeprecatedOn, row.SunsetOn);
}

/// <summary>Calls of an operation in a version that will end.</summary>
/// <param name="Key">The prefix of the API key.</param>
/// <param name="Tenant">The code of the tenant it acted for; absent where the operator named none.</param>
/// <param name="Operation">The name of the operation, as in the document.</param>
/// <param name="Calls">How often.</param>
/// <param name="FirstAt">When it was counted first.</param>
/// <param name="LastAt">When it was counted last.</param>
public sealed record VersionCallView(string Key, string? Tenant, string Operation, long Calls, Instant FirstAt, Instant LastAt);
