using System.Collections.Concurrent;
using System.Security.Cryptography;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.ApiKeys;

/// <summary>Says whose key a text is. A revoked key is refused after five seconds at the latest.</summary>
sealed class ApiKeyVerifier(
    IDbContextFactory<HostDb> host, TenantDatabase<IspDb> database, TenantDirectory tenants, TimeProvider time)
{
    const int Capacity = 10_000;
    static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<string, (KeyOwner Owner, long Until)> known = new(StringComparer.Ordinal);

    /// <summary>The owner of the key, or null if it is not one, or revoked.</summary>
    public async ValueTask<KeyOwner?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!KeyText.TryParse(text, out var key))
            return null;
        var hash = key.Hash;
        var memo = Convert.ToHexString(hash);
        if (known.TryGetValue(memo, out var found) && time.GetTimestamp() < found.Until)
            return found.Owner;

        var owner = key.Tenant == KeyText.Operator
            ? await FindOperatorAsync(key, hash, cancellationToken)
            : await FindTenantAsync(key, hash, cancellationToken);
        if (owner is not null)
            Remember(memo, owner);
        return owner;
    }

    void Remember(string memo, KeyOwner owner)
    {
        if (known.Count >= Capacity)
            known.Clear();
        known[memo] = (owner, time.GetTimestamp() + (long)(Remembered.TotalSeconds * time.TimestampFrequency));
    }

    async Task<KeyOwner?> FindOperatorAsync(KeyText key, byte[] hash, CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        var stored = await db.OperatorKeys.AsNoTracking()
            .SingleOrDefaultAsync(k => k.Prefix == key.Prefix && k.RevokedAt == null, cancellationToken);
        return Matches(stored?.Hash, hash) ? new KeyOwner(key.Prefix, null) : null;
    }

    async Task<KeyOwner?> FindTenantAsync(KeyText key, byte[] hash, CancellationToken cancellationToken)
    {
        if (tenants.Find(key.Tenant) is not { } tenant)
            return null;
        await using var db = database.Open(tenant.Id);
        var stored = await db.ApiKeys.AsNoTracking()
            .SingleOrDefaultAsync(k => k.Prefix == key.Prefix && k.RevokedAt == null, cancellationToken);
        return Matches(stored?.Hash, hash) ? new KeyOwner(key.Prefix, tenant.Id) : null;
    }

    static bool Matches(byte[]? stored, byte[] given) => stored is not null && CryptographicOperations.FixedTimeEquals(stored, given);
}

/// <summary>Whose key it is.</summary>
/// <param name="Prefix">The key's public part.</param>
/// <param name="Tenant">The tenant, or null for the operator.</param>
sealed record KeyOwner(string Prefix, TenantId? Tenant);
