using System.ComponentModel.DataAnnotations;
using System.Globalization;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Pricing;

/// <summary>The price scripts of a tenant.</summary>
public static class ScriptEndpoints
{
    const int MaxAttempts = 10;

    /// <summary>Maps <c>/price-scripts</c>.</summary>
    public static void MapPriceScripts(this IEndpointRouteBuilder api)
    {
        var scripts = api.MapGroup("/price-scripts")
            .InChapter("Pricing", "Price scripts: what a provider writes to price usage in its own way.").ForTenants("catalog");

        scripts.MapPost("/", Add).RequireRateLimiting(LimitsSetup.Expensive).Refuses(Rejected, Exists, Unavailable).Documented(
            "addPriceScript", "Add a revision of a price script", "The newest one is taken by plans that are published from then on.");
        scripts.MapGet("/", List).Documented("listPriceScripts", "List price scripts", "All revisions, by name, without their sources.");
        scripts.MapGet("/{hash}", Get).Documented("getPriceScript", "Get a price script", "One revision with its source, by its hash.");
        scripts.MapPost("/check", Check).RequireRateLimiting(LimitsSetup.Expensive).Refuses(Unavailable).Documented(
            "checkPriceScript", "Check a price script", "Compiles a source and runs it on the sample item, without storing it.");
    }

    static readonly ProblemType Rejected = new(
        "script-rejected", StatusCodes.Status422UnprocessableEntity, "Unprocessable",
        "The script does not compile, or uses what price scripts may not. `diagnostics` names each place.");

    static readonly ProblemType Exists = new(
        "script-exists", StatusCodes.Status409Conflict, "Conflict", "The tenant has a price script with this very source already.");

    static readonly ProblemType Unavailable = new(
        "scripts-unavailable", StatusCodes.Status503ServiceUnavailable, "Unavailable",
        "The node cannot look at price scripts at present, which says nothing about this one. Try again after `Retry-After`.");

    static async Task<Results<Created<ScriptView>, ProblemHttpResult>> Add(
        NewScript request, CurrentTenant current, TenantDatabase<IspDb> database, PriceScripts compiler, Answers answers,
        HttpResponse response, CancellationToken stop)
    {
        var verdict = await CompileAsync(compiler, current.Id, request.Source, stop);
        if (NotNow(verdict, response) is { } problem)
            return problem;
        switch (verdict)
        {
            case ScriptVerdict.Accepted(var image):
                return await StoreAsync(request, image, current.Caller, database, answers, stop);
            case ScriptVerdict.Rejected(var diagnostics):
                return Problems.Of(
                    Rejected,
                    $"The script is refused: {diagnostics[0].Code} at {diagnostics[0].Line}:{diagnostics[0].Column} {diagnostics[0].Text}",
                    new Dictionary<string, object?> { ["diagnostics"] = diagnostics });
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static async Task<Results<Created<ScriptView>, ProblemHttpResult>> StoreAsync(
        NewScript request, ScriptImage image, Caller caller, TenantDatabase<IspDb> database, Answers answers, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = database.Open(caller.Tenant);
            var script = await AddRevisionAsync(db, request, image, caller, stop);
            var created = TypedResults.Created($"/api/v1/price-scripts/{script.Hash}", ScriptView.Of(script));
            if (await answers.TrySaveAsync(db, created, stop) is SaveOutcome.Saved)
                return created;
            // Who adds another source under the same name at the same moment takes the number that was to be this one's.
            if (attempt == MaxAttempts || await db.PriceScripts.AnyAsync(s => s.Hash == image.Hash, stop))
                return Problems.Of(Exists, "The tenant has a price script with this very source already.");
        }
    }

    static async Task<PriceScript> AddRevisionAsync(
        IspDb db, NewScript request, ScriptImage image, Caller caller, CancellationToken stop)
    {
        var last = await db.PriceScripts.Where(s => s.Name == request.Name).MaxAsync(s => (int?)s.Revision, stop) ?? 0;
        var script = new PriceScript
        {
            Hash = image.Hash,
            Name = request.Name,
            Revision = last + 1,
            Source = request.Source,
            Image = [.. image.Bytes],
            Compiler = image.Rules,
            CreatedAt = caller.Now,
        };
        db.PriceScripts.Add(script);
        db.Audit(caller, "price_script.add", $"price_script/{script.Hash}", new { script.Name, script.Revision });
        return script;
    }

    static async Task<Results<Ok<Page<ScriptEntry>>, ProblemHttpResult>> List(
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, "price-scripts", 2, out var after))
            return Cursor.Unknown;
        if ((after ?? ["", "0"]) is not [var name, var number] || !int.TryParse(number, CultureInfo.InvariantCulture, out var revision))
            return Cursor.Unknown;
        await using var db = database.Open(current.Id);
        var scripts = await db.PriceScripts
            .FromSql($"select * from host.price_script where (name, revision) > ({name}, {revision})").AsNoTracking()
            .OrderBy(script => script.Name).ThenBy(script => script.Revision)
            .Take(limit + 1)
            .Select(script => new ScriptEntry(script.Hash, script.Name, script.Revision, script.CreatedAt))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(
            scripts, limit, script => Cursor.Of("price-scripts", script.Name, script.Revision.ToString(CultureInfo.InvariantCulture))));
    }

    static async Task<Results<Ok<ScriptView>, NotFound>> Get(
        string hash, CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop)
    {
        await using var db = database.Open(current.Id);
        return await db.PriceScripts.AsNoTracking().SingleOrDefaultAsync(script => script.Hash == hash, stop) is { } script
            ? TypedResults.Ok(ScriptView.Of(script))
            : TypedResults.NotFound();
    }

    static async Task<Results<Ok<ScriptCheck>, ProblemHttpResult>> Check(
        ScriptSource request, CurrentTenant current, PriceScripts scripts, HttpResponse response, CancellationToken stop)
    {
        var verdict = await CompileAsync(scripts, current.Id, request.Source, stop);
        return NotNow(verdict, response) is { } problem
            ? problem
            : TypedResults.Ok(await ScriptCheck.OfAsync(scripts, current.Id, verdict, stop));
    }

    static async Task<ScriptVerdict> CompileAsync(PriceScripts scripts, TenantId tenant, string source, CancellationToken stop)
    {
        try
        {
            return await scripts.CompileAsync(tenant, source, stop);
        }
        catch (ScriptsUnavailableException)
        {
            // What is missing is the operator's business, and stands in the log.
            return new ScriptVerdict.Later("Price scripts are not served on this node at present.");
        }
    }

    /// <summary>A tenant beyond its share waits, alone; what the machine could not do is not the script's fault.</summary>
    internal static ProblemHttpResult? NotNow(ScriptVerdict verdict, HttpResponse response)
    {
        var (after, problem) = verdict switch
        {
            ScriptVerdict.OverShare(var wait)
                => (wait, Problems.Of(Refusals.OverShare, "As many scripts of this tenant as may are waiting to be checked.")),
            ScriptVerdict.Later(var why) => (TimeSpan.FromSeconds(5), Problems.Of(Unavailable, why)),
            _ => (TimeSpan.Zero, null),
        };
        if (problem is not null)
            response.Headers.RetryAfter = ((int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return problem;
    }
}

/// <summary>A new revision of a price script.</summary>
/// <param name="Name">By which plans name it.</param>
/// <param name="Source">C#, at most 32 KB.</param>
public sealed record NewScript([Code(64)] string Name, [StringLength(ScriptSource.Longest)] string Source);

/// <summary>A source to check.</summary>
/// <param name="Source">C#, at most 32 KB.</param>
public sealed record ScriptSource([StringLength(ScriptSource.Longest)] string Source)
{
    /// <summary>What is longer is not even looked at; the compiler's own limit is lower, and says so in words.</summary>
    internal const int Longest = 64 * 1024;
}

/// <summary>A revision of a price script in a list, without its source.</summary>
/// <param name="Hash">The SHA-256 of what it was compiled from, in hexadecimal: its identity.</param>
/// <param name="Name">By which plans name it.</param>
/// <param name="Revision">1 for the first of its name.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record ScriptEntry(string Hash, string Name, int Revision, Instant CreatedAt);

/// <summary>A price script, as the API shows it.</summary>
/// <param name="Hash">The SHA-256 of what it was compiled from, in hexadecimal: its identity.</param>
/// <param name="Name">By which plans name it.</param>
/// <param name="Revision">1 for the first of its name.</param>
/// <param name="Source">C#.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record ScriptView(string Hash, string Name, int Revision, string Source, Instant CreatedAt)
{
    internal static ScriptView Of(PriceScript script) => new(script.Hash, script.Name, script.Revision, script.Source, script.CreatedAt);
}
