using System.Collections.Frozen;
using System.Text.Json;
using IspHost.Core.Changes;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Core.Web.Contract;
using Microsoft.EntityFrameworkCore;
using Microsoft.FeatureManagement;

namespace IspHost.Core.FeatureFlags;

/// <summary>Definitions of feature flags, in memory: a question never waits for the database.</summary>
public sealed class FlagDefinitions(IDbContextFactory<HostDb> host, UnreadableRows unreadable) : IFeatureDefinitionProvider, IDisposable
{
    static readonly BodyShape Shape = BodyShape.Of(ApiJson.Options.GetTypeInfo(typeof(FlagTerms)));

    readonly SemaphoreSlim reading = new(1);
    volatile FrozenDictionary<string, KnownFlag> all = FrozenDictionary<string, KnownFlag>.Empty;

    /// <summary>The flag with this name, whatever its case.</summary>
    internal KnownFlag? Find(string name) => all.GetValueOrDefault(name);

    /// <inheritdoc/>
    public Task<FeatureDefinition> GetFeatureDefinitionAsync(string featureName)
        => Find(featureName)?.Definition ?? Task.FromResult<FeatureDefinition>(null!);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FeatureDefinition> GetAllFeatureDefinitionsAsync()
    {
        foreach (var flag in all.Values)
            yield return await flag.Definition;
    }

    /// <summary>Reads all flags again, one reading after the other, so that the latest stays.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            await using var db = await host.CreateDbContextAsync(cancellationToken);
            var flags = await db.FeatureFlags.AsNoTracking().OrderBy(flag => flag.Name).ToListAsync(cancellationToken);
            var known = new Dictionary<string, KnownFlag>(StringComparer.OrdinalIgnoreCase);
            foreach (var flag in flags)
                Take(flag, known);
            all = known.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        }
        finally
        {
            reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => reading.Dispose();

    void Take(FeatureFlag flag, Dictionary<string, KnownFlag> known)
    {
        try
        {
            var terms = flag.Definition.Deserialize<FlagTerms>(ApiJson.Options);
            var faults = new Faults();
            Shape.Check(flag.Definition.RootElement, faults);
            if (terms is null || faults.All.Count > 0 || FlagRules.BrokenBy(terms, isTenant: _ => true).Count > 0)
                unreadable.Mark(new UnreadableRow("feature_flag", default, flag.Name, "its definition breaks a rule"));
            else if (!known.TryAdd(flag.Name, new KnownFlag(flag.Name, terms)))
                unreadable.Mark(new UnreadableRow("feature_flag", default, flag.Name, "another flag has this name but for its case"));
            else
                unreadable.Clear("feature_flag", flag.Name);
        }
        catch (JsonException cause)
        {
            unreadable.Mark(new UnreadableRow("feature_flag", default, flag.Name, $"its definition is not of this form: {cause.Message}"));
        }
    }
}
