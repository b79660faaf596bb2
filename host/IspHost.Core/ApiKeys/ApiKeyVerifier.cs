using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using IspHost.Core.Database;
using IspHost.Core.Tenants;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace IspHost.Core.ApiKeys;

/// <summary>Says whose key a text is. A revoked key is refused after a second at the latest, on each node.</summary>
/// <remarks>
/// A key is asked for once a second however many requests bring it. That does not rest on announcements, which may be late, and costs
/// the database next to nothing.
/// </remarks>
sealed partial class ApiKeyVerifier(
    IDbContextFactory<HostDb> host, TenantDatabase<IspDb> database, TenantDirectory tenants, IClock clock,
    TimeProvider time, ILogger<ApiKeyVerifier> log)
{
    const int Capacity = 10_000;
    static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);
    static readonly Duration BetweenUses = Duration.FromMinutes(1);

    readonly ConcurrentDictionary<string, (KeyOwner Owner, long Since)> known = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, long> unknown = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Lazy<Task<KeyOwner?>>> asked = new(StringComparer.Ordinal);

    /// <summary>The owner of the key, or null if it is not one, or expired, or revoked.</summary>
    public async ValueTask<KeyOwner?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!KeyText.TryParse(text, out var key) || (key.Tenant != KeyText.Operator && tenants.Find(key.Tenant) is null))
            return null;
        var hash = key.Hash;
        var memo = Convert.ToHexString(hash);
        if (known.TryGetValue(memo, out var found) && time.GetElapsedTime(found.Since) < Remembered)
            return Unexpired(found.Owner);
        if (unknown.TryGetValue(memo, out var since) && time.GetElapsedTime(since) < Remembered)
            return null;
        var asking = asked.GetOrAdd(memo, _ => new Lazy<Task<KeyOwner?>>(() => ReadAsync(key, hash, memo)));
        return Unexpired(await asking.Value.WaitAsync(cancellationToken));
    }

    /// <summary>The key that a request brings, if it was seen to be right not long ago. This asks no database.</summary>
    public KeyText? FindKnown(HttpRequest request)
        => ApiKeyAuthentication.BearerToken(request) is { } text && KeyText.TryParse(text, out var key)
            && known.ContainsKey(Convert.ToHexString(key.Hash)) ? key : null;

    KeyOwner? Unexpired(KeyOwner? owner) => owner?.ExpiresAt <= clock.GetCurrentInstant() ? null : owner;

    /// <summary>For all who wait for it, so none of them can cancel it.</summary>
    async Task<KeyOwner?> ReadAsync(KeyText key, byte[] hash, string memo)
    {
        try
        {
            var owner = key.Tenant == KeyText.Operator ? await FindOperatorAsync(key, hash) : await FindTenantAsync(key, hash);
            if (owner is null)
            {
                known.TryRemove(memo, out _);
                Remember(unknown, memo, time.GetTimestamp());
            }
            else
                Remember(known, memo, (owner, time.GetTimestamp()));
            return owner;
        }
        finally
        {
            asked.TryRemove(memo, out _);
        }
    }

    static void Remember<T>(ConcurrentDictionary<string, T> memory, string memo, T what)
    {
        if (memory.Count >= Capacity)
            memory.Clear();
        memory[memo] = what;
    }

    async Task<KeyOwner?> FindOperatorAsync(KeyText key, byte[] hash)
    {
        await using var db = await host.CreateDbContextAsync();
        var stored = await db.OperatorKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Prefix == key.Prefix && k.RevokedAt == null);
        if (!Matches(stored?.Hash, hash))
            return null;
        var (since, now) = Minute();
        if (!(stored!.LastUsedAt > since))
            await NoteAsync(db.OperatorKeys
                .Where(k => k.Prefix == key.Prefix && (k.LastUsedAt == null || k.LastUsedAt <= since))
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now)));
        return new KeyOwner(key.Prefix, null, stored.Scopes, stored.ExpiresAt, stored.ApiVersion);
    }

    async Task<KeyOwner?> FindTenantAsync(KeyText key, byte[] hash)
    {
        if (tenants.Find(key.Tenant) is not { } tenant)
            return null;
        await using var db = database.Open(tenant.Id);
        var stored = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Prefix == key.Prefix && k.RevokedAt == null);
        if (!Matches(stored?.Hash, hash))
            return null;
        var (since, now) = Minute();
        if (!(stored!.LastUsedAt > since))
            await NoteAsync(db.ApiKeys
                .Where(k => k.Prefix == key.Prefix && (k.LastUsedAt == null || k.LastUsedAt <= since))
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now)));
        return new KeyOwner(key.Prefix, tenant.Id, stored.Scopes, stored.ExpiresAt, stored.ApiVersion);
    }

    /// <summary>A key's use is noted once a minute. Of nodes that do it at once, one does.</summary>
    (Instant Since, Instant Now) Minute() => (clock.GetCurrentInstant() - BetweenUses, clock.GetCurrentInstant());

    /// <summary>Whoever may call is not kept waiting for a note of it.</summary>
    async Task NoteAsync(Task<int> noting)
    {
        try
        {
            await noting;
        }
        catch (Exception cause) when (cause is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            NotNoted(log, cause);
        }
    }

    static bool Matches([NotNullWhen(true)] byte[]? stored, byte[] given)
        => stored is not null && CryptographicOperations.FixedTimeEquals(stored, given);

    [LoggerMessage(LogLevel.Debug, "The use of an API key could not be noted")]
    static partial void NotNoted(ILogger log, Exception cause);
}
