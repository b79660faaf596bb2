using System.Collections.Frozen;
using System.Text.Json;
using IspHost.Core.Database;
using IspHost.Core.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.FeatureManagement;

namespace IspHost.Core.FeatureFlags;

/// <summary>Definitions of feature flags, in memory: a question never waits for the database.</summary>
public sealed class FlagDefinitions(IDbContextFactory<HostDb> host) : IFeatureDefinitionProvider
{
    volatile FrozenDictionary<string, FeatureDefinition> all = FrozenDictionary<string, FeatureDefinition>.Empty;

    /// <inheritdoc/>
    public Task<FeatureDefinition> GetFeatureDefinitionAsync(string featureName) => Task.FromResult(all.GetValueOrDefault(featureName)!);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FeatureDefinition> GetAllFeatureDefinitionsAsync()
    {
        foreach (var definition in all.Values)
            yield return await ValueTask.FromResult(definition);
    }

    /// <summary>Reads all flags again, if the change concerns them.</summary>
    public async Task OnChangeAsync(Change change, CancellationToken cancellationToken)
    {
        if (!change.Concerns("feature_flag"))
            return;
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        var flags = await db.FeatureFlags.AsNoTracking().ToListAsync(cancellationToken);
        all = flags.ToFrozenDictionary(
            flag => flag.Name,
            flag => flag.Definition.Deserialize<FlagTerms>(ApiJson.Options)!.ToDefinition(flag.Name), StringComparer.OrdinalIgnoreCase);
    }
}
