using IspHost.Plugins.Radius.Access;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>Makes accounting records durable: sessions and usage of a whole batch in one transaction.</summary>
sealed class Journal(
    TenantDatabase<RadiusDb> database, ITenants tenants, RadiusMetrics metrics, ILogger<Journal> log)
{
    const int Tries = 5;

    /// <summary>Stores records of one tenant, in their order.</summary>
    /// <returns>For each record whether it is stored. One that is not must not be acknowledged.</returns>
    public async Task<bool[]> WriteAsync(TenantId tenant, IReadOnlyList<AccountingRecord> records, CancellationToken stop)
    {
        var stored = new bool[records.Count];
        try
        {
            for (var from = 0; from < records.Count;)
            {
                var to = EndOfRun(records, from);
                await WriteRunAsync(tenant, records, from, to, stored, stop);
                from = to;
            }
        }
        catch (NpgsqlException failure)
        {
            // No acknowledgement: the devices send again until the database is back.
            log.LogWarning(failure, "Accounting of tenant {Tenant} could not be stored.", tenant);
        }
        return stored;
    }

    /// <summary>Whether records could be stored now.</summary>
    public async Task<bool> IsReadyAsync(TenantId tenant, CancellationToken stop)
    {
        try
        {
            return await database.OnConnectionAsync(tenant, (_, _) => Task.FromResult(true), stop);
        }
        catch (NpgsqlException failure)
        {
            log.LogWarning(failure, "The database does not answer.");
            return false;
        }
    }

    /// <summary>Accounting-On and -Off stand alone: what they close depends on all records before them.</summary>
    static int EndOfRun(IReadOnlyList<AccountingRecord> records, int from)
    {
        var to = from + 1;
        while (!records[from].IsBoot && to < records.Count && !records[to].IsBoot)
            to++;
        return to;
    }

    async Task WriteRunAsync(
        TenantId tenant, IReadOnlyList<AccountingRecord> records, int from, int to, bool[] stored, CancellationToken stop)
    {
        try
        {
            await RetryAsync(tenant, records, from, to, stop);
            System.Array.Fill(stored, true, from, to - from);
        }
        catch (PostgresException failure) when (IsAboutData(failure))
        {
            if (to - from == 1)
            {
                log.LogError(failure, "An accounting record of device {Nas} cannot be stored.", records[from].Key.Nas);
                return;
            }
            // One bad record must not cost the others their acknowledgement: halves, until it is alone.
            var middle = from + (to - from) / 2;
            await WriteRunAsync(tenant, records, from, middle, stored, stop);
            await WriteRunAsync(tenant, records, middle, to, stored, stop);
        }
    }

    async Task RetryAsync(TenantId tenant, IReadOnlyList<AccountingRecord> records, int from, int to, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await database.OnConnectionAsync(tenant, (connection, token) => records[from].IsBoot
                        ? BootTable.RecordAsync(connection, tenant, records[from], token)
                        : StoreAsync(connection, tenant, records, from, to, isAlone: attempt > 1, token), stop))
                    return;
            }
            catch (PostgresException failure) when (attempt < Tries && MayPass(failure))
            {
                // Mostly another call or node has begun one of the sessions. The next try is alone, so it cannot lose that race again.
                log.LogDebug(failure, "Accounting of tenant {Tenant} is written again.", tenant);
            }
        }
    }

    async Task<bool> StoreAsync(
        NpgsqlConnection connection, TenantId tenant, IReadOnlyList<AccountingRecord> records, int from, int to, bool isAlone,
        CancellationToken stop)
    {
        var zone = tenants.Find(tenant)?.Zone ?? DateTimeZone.Utc;
        var keys = records.Skip(from).Take(to - from).Select(record => record.Key).Distinct().Order().ToList();
        var histories = await LoadAsync(connection, tenant, keys, isAlone, stop);

        var usage = new List<UsageRecord>();
        for (var i = from; i < to; i++)
            Apply(histories[records[i].Key], records[i], zone, usage);

        await SaveAsync(connection, tenant, [.. keys.Select(key => histories[key])], stop);
        await UsageLog.AppendAsync(connection, tenant, usage, stop);
        metrics.Wrote(to - from);
        return true;
    }

    static async Task<Dictionary<SessionKey, History>> LoadAsync(
        NpgsqlConnection connection, TenantId tenant, List<SessionKey> keys, bool isAlone, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
                { Queue(tenant, isAlone), BootTable.Find(tenant, keys.Select(key => key.Nas).Distinct()), SessionTable.Lock(tenant, keys) },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        await reader.NextResultAsync(stop);
        var boots = new Dictionary<NasId, Boot>();
        while (await reader.ReadAsync(stop))
        {
            var (nas, boot) = BootTable.Read(reader);
            boots.Add(nas, boot);
        }
        await reader.NextResultAsync(stop);
        var known = new List<Session>();
        while (await reader.ReadAsync(stop))
            known.Add(SessionTable.Read(reader));

        var sessions = known.ToLookup(session => session.Key);
        return keys.ToDictionary(key => key, key => new History(sessions[key], boots.GetValueOrDefault(key.Nas)));
    }

    /// <summary>
    /// Row locks cannot keep two transactions from beginning the same session. So all write beside each other, and one that lost
    /// such a race waits until it is the only one of its tenant.
    /// </summary>
    static NpgsqlBatchCommand Queue(TenantId tenant, bool isAlone)
    {
        var command = new NpgsqlBatchCommand(isAlone
            ? $"select pg_advisory_xact_lock(hashtextextended($1, 0)), {SessionTable.ByIndex}"
            : $"select pg_advisory_xact_lock_shared(hashtextextended($1, 0)), {SessionTable.ByIndex}");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"radius.session {tenant}" });
        return command;
    }

    static void Apply(History history, AccountingRecord record, DateTimeZone zone, List<UsageRecord> usage)
    {
        var (session, growth) = history.Apply(record);
        if (session.Subscription is { } subscription && !growth.IsNone)
            usage.AddRange(HourlySplit.Split(subscription, session, growth, zone));
    }

    static async Task SaveAsync(NpgsqlConnection connection, TenantId tenant, List<History> histories, CancellationToken stop)
    {
        var sessions = histories.SelectMany(history => history.Touched).ToList();
        if (sessions.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { SessionTable.Save(tenant, sessions) } };
        if (histories.SelectMany(history => history.Begun).ToList() is { Count: > 0 } begun)
            batch.BatchCommands.Add(Seats.GiveBack(tenant, begun));
        await batch.ExecuteNonQueryAsync(stop);
    }

    static bool MayPass(PostgresException failure) => failure.SqlState
        is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>Classes 22 and 23 of SQLSTATE: what was sent is at fault, not the database.</summary>
    static bool IsAboutData(PostgresException failure)
        => failure.SqlState.StartsWith("22", StringComparison.Ordinal) || failure.SqlState.StartsWith("23", StringComparison.Ordinal);
}
