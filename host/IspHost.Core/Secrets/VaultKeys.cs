using System.Security.Cryptography;
using IspHost.Core.Database;
using Npgsql;

namespace IspHost.Core.Secrets;

/// <summary>The keys of the vault by their numbers, and which of them seals now.</summary>
/// <remarks>
/// Numbers only go up. A ciphertext with a higher number than the current one tells this node that another has gone over to a new key.
/// </remarks>
public sealed class VaultKeys
{
    const string Variable = "ISPHOST_VAULT_KEY_FILE";
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly VaultKeyStore store;
    readonly TimeProvider time;
    readonly Lock gate = new();
    volatile IReadOnlyDictionary<int, byte[]> keys;
    volatile int current;
    long readAt;

    internal VaultKeys(VaultKeyStore store, int current, TimeProvider time)
    {
        (this.store, this.current, this.time) = (store, current, time);
        keys = store.Read();
        readAt = time.GetTimestamp();
    }

    /// <summary>
    /// The keys of the file that <c>ISPHOST_VAULT_KEY_FILE</c> names; else some that lie in the database where only its owner reads, the
    /// first of which is made at the first start.
    /// </summary>
    /// <exception cref="DatabaseStartException">There is no key, or not the ones that the database was encrypted with.</exception>
    public static async Task<VaultKeys> OpenAsync(HostConnections connections, CancellationToken cancellationToken)
    {
        var file = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(file) && connections.Owner is null)
            throw new DatabaseStartException(
                $"With the application's connection string, {Variable} must name the file of the vault's keys.");
        VaultKeyStore store = string.IsNullOrEmpty(file)
            ? await OwnedVaultKeys.OpenAsync(connections.Owner!, cancellationToken)
            : new VaultKeyFile(file);
        return await OpenAsync(connections.Connections, store, cancellationToken);
    }

    internal static async Task<VaultKeys> OpenAsync(
        NpgsqlDataSource database, VaultKeyStore store, CancellationToken cancellationToken)
    {
        var known = await VaultKeyRow.ReadAsync(database, cancellationToken);
        var keys = new VaultKeys(store, known.Single(key => key.IsCurrent).Number, TimeProvider.System);
        foreach (var row in known)
            await keys.CheckAsync(row, database, cancellationToken);
        return keys;
    }

    internal VaultKeyStore Store => store;

    internal int CurrentNumber => current;

    internal byte[] CurrentKey(out int number) => keys[number = current];

    /// <summary>One key, with the number 1, for good.</summary>
    public static VaultKeys Of(byte[] key) => new(new OneKey(key), 1, TimeProvider.System);

    /// <exception cref="CryptographicException">There is no key with this number here.</exception>
    internal byte[] Find(int number)
    {
        if (!keys.TryGetValue(number, out var key) && !Reread().TryGetValue(number, out key))
            throw new CryptographicException($"The vault's key {number} is not at hand.");
        if (number > current)
            current = number;
        return key;
    }

    /// <summary>Seals with this key from now on.</summary>
    internal void Use(int number)
    {
        if (!keys.ContainsKey(number))
            keys = store.Read();
        current = number;
    }

    internal static byte[] FingerprintOf(byte[] key) => SHA256.HashData([.. "isphost vault key"u8, .. key])[..8];

    /// <summary>Finds a wrong file at the start, and not by the first subscriber who cannot log in.</summary>
    async Task CheckAsync(VaultKeyRow row, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (!keys.TryGetValue(row.Number, out var key))
            throw new DatabaseStartException($"The vault's key {row.Number} is in use and missing: without it secrets cannot be read.");
        if (row.Fingerprint is null)
            await row.SeeAsync(database, FingerprintOf(key), cancellationToken);
        else if (!row.Fingerprint.AsSpan().SequenceEqual(FingerprintOf(key)))
            throw new DatabaseStartException($"The vault's key {row.Number} is not the one that this database was encrypted with.");
    }

    /// <summary>A key that was added since; once a second at most, for a row that no key opens is met again and again.</summary>
    IReadOnlyDictionary<int, byte[]> Reread()
    {
        lock (gate)
        {
            if (time.GetElapsedTime(readAt) < Pause)
                return keys;
            readAt = time.GetTimestamp();
            try
            {
                keys = store.Read();
            }
            catch (Exception cause) when (cause is DatabaseStartException or NpgsqlException or TimeoutException)
            {
                // What was read before still opens what it has opened.
            }
            return keys;
        }
    }
}
