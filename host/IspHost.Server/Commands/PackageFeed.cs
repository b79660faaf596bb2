using IspHost.Server.Serving;
using NuGet.Common;
using NuGet.Configuration;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;

namespace IspHost.Server.Commands;

/// <summary>Where packages of plugins are found: a folder, or a feed of version 3 of NuGet's protocol.</summary>
/// <remarks>What comes from it is believed no more than any other file: the server that takes it checks who signed it.</remarks>
sealed class PackageFeed(SourceRepository source)
{
    const string PluginType = "IspHostPlugin";
    const int MostFound = 100;

    /// <summary>The feed with this name or address; without one, the only feed of the user's NuGet configuration.</summary>
    /// <exception cref="StartException">There are several, or none.</exception>
    public static PackageFeed Open(string? given)
    {
        var known = new PackageSourceProvider(Settings.LoadDefaultSettings(Directory.GetCurrentDirectory()))
            .LoadPackageSources().Where(source => source.IsEnabled).ToList();
        if (given is not null)
            return Of(known.FirstOrDefault(source => source.Name == given) ?? new PackageSource(given));
        // With several, anybody who may publish to one could answer for a name of another.
        return known.Count == 1
            ? Of(known[0])
            : throw new StartException(
                $"Say --source: a folder, an address, or one of {string.Join(", ", known.Select(source => source.Name))}.");
    }

    /// <summary>The plugins that a text finds, each with its newest version.</summary>
    /// <exception cref="StartException">The feed does not answer.</exception>
    public Task<List<FoundPackage>> SearchAsync(string text, CancellationToken cancellationToken) => AskingAsync(async () =>
    {
        var search = await ResourceAsync<PackageSearchResource>(cancellationToken);
        var filter = new SearchFilter(includePrerelease: true) { PackageType = PluginType };
        var found = await search.SearchAsync(text, filter, skip: 0, MostFound, NullLogger.Instance, cancellationToken);
        return found.Select(package => new FoundPackage(
            package.Identity.Id, package.Identity.Version.ToNormalizedString(), package.Description ?? "")).ToList();
    });

    /// <summary>Downloads a package.</summary>
    /// <param name="id">The plugin's.</param>
    /// <param name="version">Null for the newest that is released.</param>
    /// <param name="to">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StartException">The feed does not answer, or has no such package.</exception>
    public Task DownloadAsync(string id, NuGetVersion? version, Stream to, CancellationToken cancellationToken) => AskingAsync(async () =>
    {
        using var cache = new SourceCacheContext { NoCache = true };
        var packages = await ResourceAsync<FindPackageByIdResource>(cancellationToken);
        var wanted = version ?? (await packages.GetAllVersionsAsync(id, cache, NullLogger.Instance, cancellationToken))
            .Where(candidate => !candidate.IsPrerelease).Max();
        return wanted is not null && await packages.CopyNupkgToStreamAsync(id, wanted, to, cache, NullLogger.Instance, cancellationToken)
            ? wanted
            : throw new StartException(
                $"{source.PackageSource.Name} has no package {id} {version?.ToNormalizedString() ?? "that is released"}.");
    });

    static PackageFeed Of(PackageSource source) => new(Repository.Factory.GetCoreV3(source));

    async Task<T> ResourceAsync<T>(CancellationToken cancellationToken) where T : class, INuGetResource
        => await source.GetResourceAsync<T>(cancellationToken)
            ?? throw new StartException($"{source.PackageSource.Name} is no feed that can be searched.");

    async Task<T> AskingAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (FatalProtocolException cause)
        {
            throw new StartException($"{source.PackageSource.Name} does not answer: {cause.Message}", cause);
        }
    }
}

/// <summary>A package in a feed.</summary>
/// <param name="Id">The plugin's.</param>
/// <param name="Version">The newest.</param>
/// <param name="Description">As its author wrote it.</param>
sealed record FoundPackage(string Id, string Version, string Description);
