using System.Globalization;
using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Limits;
using IspHost.Core.Web;
using IspHost.PluginRuntime;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.Plugins;

/// <summary>Packages of plugins, for the operator.</summary>
public static class PackageEndpoints
{
    const int MaxPackage = 200 * 1024 * 1024;

    /// <summary>Maps <c>/plugins/packages</c>.</summary>
    public static void MapPackages(this IEndpointRouteBuilder api)
    {
        var packages = api.MapGroup("/plugins/packages").InChapter("Plugins", "What was installed, and how it does.").ForOperators();
        packages.WithRequestTimeout(LimitsSetup.Long);

        packages.MapGet("/", List).Documented(
            "listPackages", "List packages", "By plugin, the oldest first: those that were taken, and what became of them.");
        packages.MapPost("/", Take).Accepts<Stream>("application/octet-stream").Refuses(PluginEndpoints.Refused)
            .WithMetadata(new RequestSizeLimitAttribute(MaxPackage)).Documented(
                "uploadPackage", "Upload a package",
                "The archive as it is, at most 200 MB. It is checked as a whole and kept on the node that answers; nothing of it runs.");
        packages.MapPost("/{sha256}/install", Install).Refuses(PluginEndpoints.Refused).Documented(
            "installPackage", "Install a package",
            "On the node that answers: its plugin is loaded, or takes the place of the version that serves, and so it is at each start.");
    }

    static async Task<Results<Ok<Page<PackageView>>, ProblemHttpResult>> List(
        IDbContextFactory<HostDb> host, CancellationToken stop, [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var all = await db.Packages.AsNoTracking().ToListAsync(stop);
        return Page.TryTake(all, "packages", cursor, limit, PlaceOf, out var page)
            ? TypedResults.Ok(page.Select(PackageView.Of))
            : Cursor.Unknown;
    }

    static string PlaceOf(StoredPackage package)
        => string.Create(CultureInfo.InvariantCulture, $"{package.Plugin}/{package.UploadedAt.ToUnixTimeTicks():D20}/{package.Sha256}");

    static async Task<Results<Created<PackageView>, ProblemHttpResult>> Take(
        HttpRequest request, Packages packages, OperatorTrail trail, CancellationToken stop)
    {
        try
        {
            var taken = await trail.ActAsync(
                "package.upload", "package", detail: null, token => packages.TakeAsync(request.Body, token),
                package => new { package.Plugin, package.Version, package.Sha256, package.SignedBy }, stop);
            return TypedResults.Created($"/api/v1/plugins/packages/{taken.Sha256}", PackageView.Of(taken));
        }
        catch (PluginLoadException refusal)
        {
            return PluginEndpoints.RefusedFor(refusal);
        }
    }

    static async Task<Results<Ok<PackageView>, NotFound, ProblemHttpResult>> Install(
        string sha256, Installation? request, Packages packages, OperatorTrail trail, CancellationToken stop)
    {
        try
        {
            var installed = await trail.ActAsync(
                "package.install", $"package/{sha256}", request, token => packages.InstallAsync(sha256, request ?? new(), token),
                package => new { package?.Plugin, package?.Version, package?.Granted }, stop);
            return installed is null ? TypedResults.NotFound() : TypedResults.Ok(PackageView.Of(installed));
        }
        catch (PluginLoadException refusal)
        {
            return PluginEndpoints.RefusedFor(refusal);
        }
    }
}

/// <summary>A package, as the API shows it.</summary>
/// <param name="Sha256">Of the archive.</param>
/// <param name="Plugin">Its id.</param>
/// <param name="Version">Of the plugin.</param>
/// <param name="Size">Of the archive, in bytes.</param>
/// <param name="SignedBy">The fingerprint of the key that signed it; absent if nobody did.</param>
/// <param name="Permissions">What it asks for.</param>
/// <param name="Granted">What it was given.</param>
/// <param name="State">What became of it.</param>
/// <param name="UploadedAt">When it was taken.</param>
/// <param name="InstalledAt">When it was installed, the last time; absent if it never was.</param>
public sealed record PackageView(
    string Sha256, string Plugin, string Version, long Size, string? SignedBy, IReadOnlyList<string> Permissions,
    IReadOnlyList<string> Granted, PackageState State, Instant UploadedAt, Instant? InstalledAt)
{
    internal static PackageView Of(StoredPackage package) => new(
        package.Sha256, package.Plugin, package.Version, package.Size, package.SignedBy, package.Permissions, package.Granted,
        package.State, package.UploadedAt, package.InstalledAt);
}
