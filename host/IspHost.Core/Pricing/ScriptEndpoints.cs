using System.Globalization;
using System.Text.Json.Serialization;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Idempotency;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Sdk.Data;
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
        var scripts = api.MapGroup("/price-scripts").WithTags("Pricing").ForTenants("catalog");

        scripts.MapPost("/", Add).RequireRateLimiting(LimitsSetup.Expensive)
            .WithDescription("Adds a revision: the newest one is taken by plans that are published from then on.");
        scripts.MapGet("/", List);
        scripts.MapGet("/{hash}", Get);
        scripts.MapPost("/check", Check).RequireRateLimiting(LimitsSetup.Expensive)
            .WithDescription("Compiles a source and runs it on the sample item, without storing it.");
    }

    static async Task<Results<Created<ScriptView>, ProblemHttpResult>> Add(
        NewScript request, CurrentTenant current, TenantDatabase<IspDb> database, PriceScripts compiler, Answers answers,
        HttpResponse response, CancellationToken stop)
    {
        if (!Rules.IsCode(request.Name, 64))
            return Problems.Field("name", "lower-case letters, digits and hyphens, 1 to 64");
        var verdict = await CompileAsync(compiler, current.Id, request.Source, stop);
        if (NotNow(verdict, response) is { } problem)
            return problem;
        switch (verdict)
        {
            case ScriptVerdict.Accepted(var image):
                return await StoreAsync(request, image, current.Caller, database, answers, stop);
            case ScriptVerdict.Rejected(var diagnostics):
                return Problems.Unprocessable(
                    "script-rejected",
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
                return Problems.Conflict("script-exists", "The tenant has a price script with this very source already.");
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
        CurrentTenant current, TenantDatabase<IspDb> database, CancellationToken stop, string? cursor = null, int limit = 50)
    {
        var after = cursor?.Split(' ') ?? ["", "0"];
        if (after is not [var name, var number] || !int.TryParse(number, CultureInfo.InvariantCulture, out var revision))
            return Page.UnknownCursor;
        var size = Page.Size(limit);
        await using var db = database.Open(current.Id);
        var scripts = await db.PriceScripts
            .FromSql($"select * from host.price_script where (name, revision) > ({name}, {revision})").AsNoTracking()
            .OrderBy(script => script.Name).ThenBy(script => script.Revision)
            .Take(size + 1)
            .Select(script => new ScriptEntry(script.Hash, script.Name, script.Revision, script.CreatedAt))
            .ToListAsync(stop);
        return TypedResults.Ok(Page.Of(scripts, size, script => $"{script.Name} {script.Revision}"));
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
                => (wait, Problems.OverShare("As many scripts of this tenant as may are waiting to be checked.")),
            ScriptVerdict.Later(var why) => (TimeSpan.FromSeconds(5), Problems.Unavailable("scripts-unavailable", why)),
            _ => (TimeSpan.Zero, null),
        };
        if (problem is not null)
            response.Headers.RetryAfter = ((int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return problem;
    }
}

/// <summary>A new revision of a price script.</summary>
/// <param name="Name">The script's name: lower-case letters, digits and hyphens.</param>
/// <param name="Source">C#, at most 32 KB.</param>
public sealed record NewScript(string Name, [property: JsonConverter(typeof(SourceText))] string Source);

/// <summary>A source to check.</summary>
public sealed record ScriptSource([property: JsonConverter(typeof(SourceText))] string Source);

/// <summary>A revision of a price script in a list, without its source.</summary>
public sealed record ScriptEntry(string Hash, string Name, int Revision, Instant CreatedAt);

/// <summary>A price script, as the API shows it.</summary>
public sealed record ScriptView(string Hash, string Name, int Revision, string Source, Instant CreatedAt)
{
    internal static ScriptView Of(PriceScript script) => new(script.Hash, script.Name, script.Revision, script.Source, script.CreatedAt);
}
