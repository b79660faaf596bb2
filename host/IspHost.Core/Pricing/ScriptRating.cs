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

    readonly ConcurrentDictionary<(TenantId Tenant, string Hash), ScriptImage> images = [];

    public async ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
    {
        if (batch.RuleHash is not { } hash)
            throw new ArgumentException("A script is named by the hash of its source.", nameof(batch));
        return await ImageAsync(batch.Tenant, hash, cancellationToken) is { } image
            ? await scripts.RunAsync(image, batch.Items, cancellationToken)
            : [.. batch.Items.Select(_ => new RatingOutcome.Failed("unknown_script", $"The tenant has no price script {hash}."))];
    }

    /// <summary>An image of older rules is compiled again from its source, which the hash in the contract stands for.</summary>
    async Task<ScriptImage?> ImageAsync(TenantId tenant, string hash, CancellationToken cancellationToken)
    {
        if (images.TryGetValue((tenant, hash), out var known))
            return known;
        await using var db = database.Open(tenant);
        if (await db.PriceScripts.AsNoTracking().SingleOrDefaultAsync(script => script.Hash == hash, cancellationToken) is not { } stored)
            return null;

        var image = stored.Compiler == ScriptImage.CurrentRules
            ? new ScriptImage { Hash = hash, Bytes = ImmutableCollectionsMarshal.AsImmutableArray(stored.Image), Rules = stored.Compiler }
            : await CompileAsync(stored, cancellationToken);
        if (images.Count >= Capacity)
            images.Clear();
        return images[(tenant, hash)] = image;
    }

    async Task<ScriptImage> CompileAsync(PriceScript stored, CancellationToken cancellationToken)
        => await scripts.CompileAsync(stored.Source, cancellationToken) switch
        {
            ScriptVerdict.Accepted(var image) => image,
            ScriptVerdict.Rejected(var diagnostics) => throw new InvalidOperationException(
                $"Revision {stored.Revision} of price script {stored.Name} breaks a rule that was made after it: {diagnostics[0].Code}."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
