using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using IspHost.Core.Database;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Rating;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Pricing;

/// <summary>Rates by price scripts: what the host itself offers as the rating rule <c>script</c>.</summary>
sealed class ScriptRating(TenantDatabase<IspDb> database, PriceScripts scripts) : IRatingRule
{
    const int Capacity = 1000;
    const string NotRun = "SBX207";

    readonly ConcurrentDictionary<(TenantId Tenant, string Hash), ScriptImage> images = [];

    public async ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
    {
        if (batch.RuleHash is not { } hash)
            return All(batch, new RatingOutcome.Failed("unknown_script", "The contract names no price script."));
        try
        {
            var (image, whyNot) = await ImageAsync(batch.Tenant, hash, cancellationToken);
            return image is null ? All(batch, whyNot!) : await scripts.RunAsync(batch.Tenant, image, batch.Items, cancellationToken);
        }
        catch (ScriptsUnavailableException noWorker)
        {
            return All(batch, new RatingOutcome.Later(NotRun, noWorker.Message));
        }
    }

    static RatingOutcome[] All(RatingBatch batch, RatingOutcome whyNot) => [.. Enumerable.Repeat(whyNot, batch.Items.Count)];

    /// <summary>An image of older rules is compiled again from its source, which the hash in the contract stands for.</summary>
    async Task<(ScriptImage? Image, RatingOutcome? WhyNot)> ImageAsync(
        TenantId tenant, string hash, CancellationToken cancellationToken)
    {
        if (images.TryGetValue((tenant, hash), out var known))
            return (known, null);
        await using var db = database.Open(tenant);
        if (await db.PriceScripts.AsNoTracking().SingleOrDefaultAsync(script => script.Hash == hash, cancellationToken) is not { } stored)
            return (null, new RatingOutcome.Failed("unknown_script", $"The tenant has no price script {hash}."));

        if (stored.Compiler == ScriptImage.CurrentRules)
            return (Remember(tenant, ImageOf(stored)), null);
        return await scripts.CompileAgainAsync(tenant, stored.Source, cancellationToken) switch
        {
            ScriptVerdict.Accepted(var image) => (Remember(tenant, image), null),
            ScriptVerdict.Rejected(var diagnostics) => (null, new RatingOutcome.Failed(
                "outdated_script",
                $"Revision {stored.Revision} of price script {stored.Name} breaks a rule that was made after it: {diagnostics[0].Code}.")),
            ScriptVerdict.Later(var why) => (null, new RatingOutcome.Later(NotRun, why)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    static ScriptImage ImageOf(PriceScript stored)
        => new() { Hash = stored.Hash, Bytes = ImmutableCollectionsMarshal.AsImmutableArray(stored.Image), Rules = stored.Compiler };

    ScriptImage Remember(TenantId tenant, ScriptImage image)
    {
        if (images.Count >= Capacity)
            images.Clear();
        return images[(tenant, image.Hash)] = image;
    }
}
