using System.Collections.Concurrent;
using System.Security.Cryptography;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.ApiKeys;

/// <summary>Says whose key a text is. A revoked key is refused after five seconds at the latest.</summary>
sealed class ApiKeyVerifier(
    IDbContextFactory<HostDb> host, TenantDatabase<IspDb> database, TenantDirectory tenants, TimeProvider time)
{
    const int Capacity = 10_000;
    static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<string, (KeyOwner Owner, long Until)> known = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, long> unknown = new(StringComparer.Ordinal);

    /// <summary>The owner of the key, or null if it is not one, or revoked.</summary>
    public async ValueTask<KeyOwner?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!KeyText.TryParse(text, out var key) || (key.Tenant != KeyText.Operator && tenants.Find(key.Tenant) is null))
            return null;
        var hash = key.Hash;
        var memo = Convert.ToHexString(hash);
        if (known.TryGetValue(memo, out var found) && time.GetTimestamp() < found.Until)
            return found.Owner;
        if (unknown.TryGetValue(memo, out var until) && time.GetTimestamp() < until)
            return null;

        var owner = key.Tenant == KeyText.Operator
            ? await FindOperatorAsync(key, hash, cancellationToken)
            : await FindTenantAsync(key, hash, cancellationToken);
        var then = time.GetTimestamp() + (long)(Remembered.TotalSeconds * time.TimestampFrequency);
        if (owner is null)
        {
            known.TryRemove(memo, out _);
            Remember(unknown, memo, then);
        }
        else
            Remember(known, memo, (owner, then));
        return owner;
    }

    /// <summary>The key that a request brings, if it was seen to be right not long ago. This asks no database.</summary>
    public KeyText? FindKnown(HttpRequest request)
        => ApiKeyAuthentication.BearerToken(request) is { } text && KeyText.TryParse(text, out var key)
            && known.ContainsKey(Convert.ToHexString(key.Hash)) ? key : null;

    static void Remember<T>(ConcurrentDictionary<string, T> memory, string memo, T what)
    {
        if (memory.Count >= Capacity)
            memory.Clear();
        memory[memo] = what;
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
