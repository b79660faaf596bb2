using System.Security.Cryptography;
using IspHost.Core.Tenancy;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Secrets;

/// <summary>Makes a new key current, and encrypts again what older ones have made, a few rows at a time while all goes on.</summary>
/// <remarks>
/// What is left to do is a query, so a node that was killed goes on at its next start, and two that do it at once only share the work: a
/// row is written if it still is what was read.
/// </remarks>
public sealed partial class VaultRotation(
    IDatabase database, TenantSql sql, TenantDirectory tenants, Vault vault, VaultKeys keys, TimeProvider time, ILogger<VaultRotation> log)
    : BackgroundService
{
    const int Batch = 200;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Again = TimeSpan.FromMinutes(10);

    readonly SemaphoreSlim begun = new(0);

    /// <summary>Makes the next key current. Encrypting again goes on by itself.</summary>
    /// <returns>The key's number.</returns>
    /// <exception cref="VaultException">There is no next key.</exception>
    public async Task<int> BeginAsync(CancellationToken cancellationToken)
    {
        var number = await keys.Store.NextAsync(keys.CurrentNumber, cancellationToken);
        await VaultKeyRow.UseAsync(
            database.Connections, number, VaultKeys.FingerprintOf(keys.Store.Read()[number]), cancellationToken);
        keys.Use(number);
        begun.Release();
        return number;
    }

    /// <summary>Takes an old key away. The database refuses while a ciphertext uses it.</summary>
    /// <exception cref="VaultException">It is the current key, or in use.</exception>
    public async Task RemoveAsync(int number, CancellationToken cancellationToken)
    {
        if (number == keys.CurrentNumber)
            throw new VaultException($"Key {number} is the current one.");
        if (await VaultKeyRow.RemoveAsync(database.Connections, number, cancellationToken))
        {
            await keys.Store.RemoveAsync(number, cancellationToken);
            return;
        }
        begun.Release();
        throw new VaultException($"Key {number} is in use: what it has sealed is being sealed again, or cannot be opened.");
    }

    /// <summary>How many ciphertexts each key has made.</summary>
    public async Task<IReadOnlyDictionary<int, long>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<int, long>();
        foreach (var tenant in tenants.All)
        {
            foreach (var column in SealedColumn.All)
            {
                var found = await sql.ReadAsync(
                    tenant.Id, $"""
                    select {column.Column}_key, count(*) from host.{column.Table}
                    where tenant_id = $1 and {column.Column}_key is not null group by 1
                    """,
                    row => (Key: row.GetInt32(0), Count: row.GetInt64(1)), cancellationToken, tenant.Id.Value);
                foreach (var (key, count) in found)
                    counts[key] = counts.GetValueOrDefault(key) + count;
            }
        }
        return counts;
    }

    /// <summary>Encrypts again whatever an older key has made.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        var known = await VaultKeyRow.ReadAsync(database.Connections, stop);
        if (known.All(key => key.IsCurrent || key.IsEmptied))
            return;
        var current = known.Single(key => key.IsCurrent).Number;
        keys.Use(current);
        var lost = 0;
        foreach (var tenant in tenants.All)
        {
            foreach (var column in SealedColumn.All)
                lost += await RunAsync(tenant.Id, column, current, stop);
        }
        if (lost == 0)
            await VaultKeyRow.EmptiedAsync(database.Connections, current, stop);
        Ended(log, current, lost);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        begun.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception cause) when (!stoppingToken.IsCancellationRequested) // The database is away: what is left stays to be found.
            {
                Failed(log, cause);
                await Task.Delay(Pause, time, stoppingToken);
                continue;
            }
            await begun.WaitAsync(Again, stoppingToken);
        }
    }

    /// <returns>How many rows no key opens.</returns>
    async Task<int> RunAsync(TenantId tenant, SealedColumn column, int current, CancellationToken stop)
    {
        var lost = new List<Guid>();
        while (true)
        {
            var rows = await sql.ReadAsync(
                tenant, $"""
                select id, {column.Column} from host.{column.Table}
                where tenant_id = $1 and {column.Column}_key < $2 and id <> all ($3) limit {Batch}
                """,
                row => (Id: row.GetGuid(0), Old: row.GetFieldValue<byte[]>(1)), stop, tenant.Value, current, lost.ToArray());
            if (rows.Count == 0)
                return lost.Count;
            var sealedAgain = rows.Select(row => (row.Id, row.Old, New: SealAgain(column.At(tenant, row.Id), row.Old))).ToList();
            lost.AddRange(sealedAgain.Where(row => row.New is null).Select(row => row.Id));
            var good = sealedAgain.Where(row => row.New is not null).ToList();
            await sql.ExecuteAsync(
                tenant, $"""
                update host.{column.Table} t set {column.Column} = n.value from unnest($2, $3, $4) as n (id, old, value)
                where t.tenant_id = $1 and t.id = n.id and t.{column.Column} = n.old
                """,
                stop, tenant.Value, good.Select(row => row.Id).ToArray(), good.Select(row => row.Old).ToArray(),
                good.Select(row => row.New!).ToArray());
        }
    }

    byte[]? SealAgain(SealedPlace place, byte[] old)
    {
        try
        {
            return vault.Seal(place, vault.OpenBytes(place, old));
        }
        catch (CryptographicException cause)
        {
            Lost(log, place.Column.Table, place.Row, place.Tenant, cause.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "What the vault's older keys have sealed is sealed with key {Key} now, but {Lost} rows")]
    static partial void Ended(ILogger log, int key, int lost);

    [LoggerMessage(LogLevel.Warning, "The secret of {Table} {Row} of tenant {Tenant} cannot be opened: {Reason}")]
    static partial void Lost(ILogger log, string table, Guid row, TenantId tenant, string reason);

    [LoggerMessage(LogLevel.Warning, "Sealing with the vault's new key was interrupted and goes on soon")]
    static partial void Failed(ILogger log, Exception cause);
}
