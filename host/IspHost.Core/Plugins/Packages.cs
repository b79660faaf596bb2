using System.ComponentModel.DataAnnotations;
using IspHost.Core.Database;
using IspHost.PluginRuntime;
using IspHost.Sdk.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace IspHost.Core.Plugins;

/// <summary>Takes packages and installs them on this node.</summary>
/// <remarks>
/// The package is kept as it came and checked anew whenever it is used: at each start as well, so that a revoked key counts there, too.
/// </remarks>
sealed class Packages(PluginHost plugins, IDbContextFactory<HostDb> host, IClock clock, IConfiguration configuration) : IDisposable
{
    readonly SemaphoreSlim changing = new(1, 1);

    /// <summary>Checks a package and keeps it.</summary>
    /// <exception cref="PluginLoadException">It is refused, and nothing of it is left.</exception>
    public async Task<StoredPackage> TakeAsync(Stream content, CancellationToken stop)
    {
        var incoming = await plugins.Packages.ReceiveAsync(content, stop);
        try
        {
            var package = plugins.Packages.Check(incoming, "package", await TrustAsync(stop));
            var row = await StoreAsync(package, stop);
            File.Move(incoming, FileOf(package.Sha256), overwrite: true);
            return row;
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    /// <summary>Loads the plugin from a package, or puts it in the place of the version that serves.</summary>
    /// <returns>Null if no such package was taken.</returns>
    /// <exception cref="PluginLoadException">It is refused, and what served before still does.</exception>
    public async Task<StoredPackage?> InstallAsync(string sha256, Installation wishes, CancellationToken stop)
    {
        await changing.WaitAsync(stop);
        try
        {
            await using var db = await host.CreateDbContextAsync(stop);
            if (await db.Packages.SingleOrDefaultAsync(package => package.Sha256 == sha256, stop) is not { } row || !IsHere(row))
                return null;
            var package = plugins.Packages.Check(FileOf(sha256), row.Plugin, await TrustAsync(stop), sha256);
            var granted = await AllowAsync(db, package, wishes, stop);
            await SwitchAsync(package, FileOf(sha256), stop);
            await RecordAsync(db, row, granted, stop);
            return row;
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Loads what is installed, at the start of the node. What is refused is shown among the plugins with the reason.</summary>
    /// <returns>The ids of these plugins.</returns>
    public async Task<IReadOnlyList<string>> LoadInstalledAsync(CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var rows = await db.Packages.AsNoTracking().Where(package => package.State == PackageState.Installed).ToListAsync(stop);
        var trust = await TrustAsync(stop);
        foreach (var row in rows)
        {
            if (IsHere(row))
                await TryLoadAsync(row, trust, stop);
            else
                plugins.ShowRefused(row.Plugin, $"The package of {row.Plugin} {row.Version} is not on this node: install it here, too.");
        }
        return [.. rows.Select(row => row.Plugin)];
    }

    /// <summary>Notes that no package of a plugin is what serves: it was removed, or replaced from a folder.</summary>
    public async Task ForgetAsync(string plugin, PackageState state, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        foreach (var package in await SiblingsAsync(db, plugin, stop))
            package.State = package.State is PackageState.Installed ? state : package.State;
        await db.SaveChangesAsync(stop);
    }

    public void Dispose() => changing.Dispose();

    async Task<PackageTrust> TrustAsync(CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        var keys = await db.PublisherKeys.AsNoTracking().ToListAsync(stop);
        return new([.. keys.Select(key => key.ToPublisher())], configuration.GetValue<bool>("PluginPackages:AllowLocal"));
    }

    async Task<StoredPackage> StoreAsync(PluginPackage package, CancellationToken stop)
    {
        await using var db = await host.CreateDbContextAsync(stop);
        if (await db.Packages.SingleOrDefaultAsync(row => row.Sha256 == package.Sha256, stop) is { } known)
            return known;
        var row = new StoredPackage
        {
            Sha256 = package.Sha256,
            Plugin = package.Manifest.Id,
            Version = package.Manifest.Version.ToNormalizedString(),
            Size = package.Size,
            SignedBy = package.Publisher?.Fingerprint,
            Permissions = [.. package.Manifest.Permissions],
            State = PackageState.Uploaded,
            UploadedAt = clock.GetCurrentInstant(),
        };
        db.Packages.Add(row);
        await db.SaveChangesAsync(stop);
        return row;
    }

    /// <summary>Compares a package with what was there before it.</summary>
    /// <returns>The permissions that it gets.</returns>
    async Task<string[]> AllowAsync(HostDb db, PluginPackage package, Installation wishes, CancellationToken stop)
    {
        var serving = Serving(package.Manifest.Id)?.Current;
        var installed = (await SiblingsAsync(db, package.Manifest.Id, stop)).Where(sibling => sibling.InstalledAt is not null).ToList();
        var before = installed.MaxBy(sibling => sibling.InstalledAt);
        var publisher = (await db.PublisherKeys.AsNoTracking()
            .SingleOrDefaultAsync(key => before != null && key.Fingerprint == before.SignedBy, stop))?.Publisher;

        if (!wishes.AllowDowngrade)
            package.CheckVersion([.. installed.Select(sibling => sibling.Version), .. serving is null ? [] : new[] { serving.Version }]);
        // What came with the server was signed by nobody, and is not for everybody to take over either.
        if (!wishes.AllowOtherPublisher && (before is not null || serving is not null))
            package.CheckPublisher(publisher);

        var kept = publisher == package.Publisher?.Name ? before?.Granted : null;
        string[] granted = [.. (kept ?? []).Union(wishes.Grant ?? []).Intersect(package.Manifest.Permissions)];
        package.CheckGrants(granted);
        return granted;
    }

    async Task SwitchAsync(PluginPackage package, string file, CancellationToken stop)
    {
        var folder = plugins.Packages.Unpack(package, file);
        if (Serving(package.Manifest.Id) is not null)
            await plugins.ReplaceAsync(package.Manifest.Id, folder, stop);
        else
            await plugins.LoadAsync(folder, stop);
    }

    /// <summary>Of two installed ones there is never more than one, not even for a moment: the older one steps back first.</summary>
    async Task RecordAsync(HostDb db, StoredPackage row, string[] granted, CancellationToken stop)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(stop);
        foreach (var sibling in await SiblingsAsync(db, row.Plugin, stop))
            sibling.State = sibling.State is PackageState.Installed ? PackageState.Replaced : sibling.State;
        await db.SaveChangesAsync(stop);
        (row.State, row.Granted, row.InstalledAt) = (PackageState.Installed, granted, clock.GetCurrentInstant());
        await db.SaveChangesAsync(stop);
        await transaction.CommitAsync(stop);
    }

    async Task TryLoadAsync(StoredPackage row, PackageTrust trust, CancellationToken stop)
    {
        try
        {
            var package = plugins.Packages.Check(FileOf(row.Sha256), row.Plugin, trust, row.Sha256);
            package.CheckGrants(row.Granted);
            await plugins.LoadAtStartAsync(plugins.Packages.Unpack(package, FileOf(row.Sha256)), stop);
        }
        // A port that is taken ends the start.
        catch (PluginLoadException refusal) when (refusal.Step != "listen")
        {
            plugins.ShowRefused(row.Plugin, refusal.Message);
        }
    }

    static Task<List<StoredPackage>> SiblingsAsync(HostDb db, string plugin, CancellationToken stop)
        => db.Packages.Where(package => EF.Functions.ILike(package.Plugin, plugin)).ToListAsync(stop);

    PluginStatus? Serving(string plugin) => plugins.Status.FirstOrDefault(
        status => status.Current is not null && string.Equals(status.Id, plugin, StringComparison.OrdinalIgnoreCase));

    bool IsHere(StoredPackage row) => File.Exists(FileOf(row.Sha256));

    string FileOf(string sha256) => Path.Combine(plugins.Packages.Folder, $"{sha256}.nupkg");
}

/// <summary>How a package is to be installed.</summary>
/// <param name="Grant">The permissions that it gets. Those that the publisher's version before had stay.</param>
/// <param name="AllowDowngrade">Whether the version may be lower than one that was installed before.</param>
/// <param name="AllowOtherPublisher">Whether it may come from another publisher than the version before.</param>
public sealed record Installation(
    [MaxLength(32), Line(64)] IReadOnlyList<string>? Grant = null, bool AllowDowngrade = false, bool AllowOtherPublisher = false);
