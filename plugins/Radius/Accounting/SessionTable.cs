using System.Net;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>Reads and writes <c>radius.session</c>, whole batches with one statement.</summary>
static class SessionTable
{
    public const string Columns = """
        s.id, s.nas_id, s.acct_session_id, s.user_name, s.incarnation, s.token, s.subscription_id, s.started_at, s.begin_known,
        s.last_at, s.counted_at, s.session_seconds, s.octets_up, s.octets_down, s.counter_flags, s.stopped_at, s.end_reason,
        s.terminate_cause, s.framed_address, s.port_id, s.nas_address, s.nas_identifier, s.granted, s.boots
        """;

    /// <summary>
    /// To be selected first in a transaction that looks sessions up by key. A statement is planned once a connection, and one that
    /// was planned while the table was small would read all of it ever after.
    /// </summary>
    public const string ByIndex = "set_config('enable_seqscan', 'off', true)";

    /// <summary>Reads the sessions of these names and keeps others from writing them until the transaction ends.</summary>
    /// <remarks>
    /// The locks are taken in the order of the keys, so two batches that share sessions wait for, not against, each other. The
    /// lateral query is what keeps the planner from reading the tenant's sessions first and looking for the keys in them.
    /// </remarks>
    /// <param name="tenant">Whose.</param>
    /// <param name="keys">The names, in their order.</param>
    public static NpgsqlBatchCommand Lock(TenantId tenant, IReadOnlyList<SessionKey> keys)
    {
        var command = new NpgsqlBatchCommand($"""
            select {Columns} from unnest($2, $3, $4) as k (nas_id, acct_session_id, user_name)
            cross join lateral (
              select * from radius.session
              where tenant_id = $1 and nas_id = k.nas_id and acct_session_id = k.acct_session_id and user_name = k.user_name
              order by incarnation for update) s
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(Array(keys, key => key.Nas.Value));
        command.Parameters.Add(Array(keys, key => key.AcctSessionId.Octets));
        command.Parameters.Add(Array(keys, key => key.UserName.Octets));
        return command;
    }

    /// <summary>Adds sessions, and writes what has changed about those that are there and locked.</summary>
    /// <remarks>
    /// Fails with a unique violation if another transaction has begun one of them meanwhile. An update joined to the arrays would
    /// do for those that are there, but how it finds them is up to the planner; a conflict is found by the index.
    /// </remarks>
    public static NpgsqlBatchCommand Save(TenantId tenant, IReadOnlyList<Session> sessions)
    {
        var command = new NpgsqlBatchCommand("""
            insert into radius.session (tenant_id, id, subscription_id, started_at, begin_known, last_at, counted_at, session_seconds,
              octets_up, octets_down, counter_flags, stopped_at, end_reason, terminate_cause, framed_address, port_id, nas_address,
              nas_identifier, token, granted, boots, nas_id, acct_session_id, user_name, incarnation)
            select $1, * from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
              $23, $24, $25)
            on conflict (tenant_id, id) do update
            set subscription_id = excluded.subscription_id, started_at = excluded.started_at, begin_known = excluded.begin_known,
              last_at = excluded.last_at, counted_at = excluded.counted_at, session_seconds = excluded.session_seconds,
              octets_up = excluded.octets_up, octets_down = excluded.octets_down, counter_flags = excluded.counter_flags,
              stopped_at = excluded.stopped_at, end_reason = excluded.end_reason, terminate_cause = excluded.terminate_cause,
              framed_address = excluded.framed_address, port_id = excluded.port_id, nas_address = excluded.nas_address,
              nas_identifier = excluded.nas_identifier, token = excluded.token, granted = excluded.granted,
              boots = excluded.boots
            """);
        AddAll(command.Parameters, tenant, sessions);
        return command;
    }

    /// <summary>Closes sessions that are open still and have shown no life since, with what they had used by then.</summary>
    /// <remarks>
    /// Under the lock that accounting takes, in its order: a record that is being stored keeps its session open. One that comes
    /// later opens it again.
    /// </remarks>
    public static NpgsqlCommand CloseStale(
        NpgsqlConnection connection, TenantId tenant, IReadOnlyList<(Guid Session, Instant Before)> silent)
    {
        var command = new NpgsqlCommand("""
            with over as (
              select s.id from unnest($2, $3) as w (id, before)
              join radius.session s on s.tenant_id = $1 and s.id = w.id
              where s.stopped_at is null and s.last_at < w.before
              order by s.nas_id, s.acct_session_id, s.user_name, s.incarnation
              for update of s)
            update radius.session s set stopped_at = s.last_at, end_reason = $4
            from over where s.tenant_id = $1 and s.id = over.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(Array(silent, one => one.Session));
        command.Parameters.Add(Array(silent, one => one.Before));
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)SessionEnd.Stale });
        return command;
    }

    /// <summary>Closes sessions that their device has ended by beginning anew, with what they had used by then.</summary>
    /// <remarks>Under the lock that accounting takes, in its order.</remarks>
    public static NpgsqlCommand CloseEnded(NpgsqlConnection connection, TenantId tenant, Guid[] sessions)
    {
        var command = new NpgsqlCommand($"""
            with over as (
              select s.id, b.booted_at from radius.session s join radius.nas_boot b on {BootTable.HasEnded}
              where s.tenant_id = $1 and s.id = any($2) and s.stopped_at is null
              order by s.nas_id, s.acct_session_id, s.user_name, s.incarnation
              for update of s)
            update radius.session s set stopped_at = greatest(s.last_at, over.booted_at), end_reason = $3
            from over where s.tenant_id = $1 and s.id = over.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = sessions });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)SessionEnd.NasReboot });
        return command;
    }

    public static Session Read(NpgsqlDataReader row)
    {
        var flags = row.GetInt16(14);
        return new Session
        {
            Id = row.GetGuid(0),
            Key = new SessionKey(
                new NasId(row.GetGuid(1)), new OctetString(row.GetFieldValue<byte[]>(2)), new OctetString(row.GetFieldValue<byte[]>(3))),
            Incarnation = row.GetInt32(4),
            Token = row.IsDBNull(5) ? null : row.GetGuid(5),
            Subscription = row.IsDBNull(6) ? null : new SubscriptionId(row.GetGuid(6)),
            StartedAt = row.GetFieldValue<Instant>(7),
            IsBeginKnown = row.GetBoolean(8),
            LastAt = row.GetFieldValue<Instant>(9),
            CountedAt = row.GetFieldValue<Instant>(10),
            Seconds = row.GetInt64(11),
            Up = new Counter(row.GetInt64(12), (flags & 1) != 0, (flags & 4) != 0),
            Down = new Counter(row.GetInt64(13), (flags & 2) != 0, (flags & 8) != 0),
            StoppedAt = row.IsDBNull(15) ? null : row.GetFieldValue<Instant>(15),
            End = row.IsDBNull(16) ? null : (SessionEnd)row.GetInt16(16),
            TerminateCause = row.IsDBNull(17) ? null : row.GetInt32(17),
            FramedAddress = row.IsDBNull(18) ? null : row.GetFieldValue<IPAddress>(18),
            PortId = row.IsDBNull(19) ? null : row.GetString(19),
            NasAddress = row.IsDBNull(20) ? null : row.GetFieldValue<IPAddress>(20),
            NasIdentifier = row.IsDBNull(21) ? null : row.GetString(21),
            Granted = row.IsDBNull(22) ? null : row.GetInt64(22),
            Boots = row.GetInt32(23),
        };
    }

    static void AddAll(NpgsqlParameterCollection parameters, TenantId tenant, IReadOnlyList<Session> sessions)
    {
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        parameters.Add(Array(sessions, session => session.Id));
        parameters.Add(Array(sessions, session => session.Subscription?.Value));
        parameters.Add(Array(sessions, session => session.StartedAt));
        parameters.Add(Array(sessions, session => session.IsBeginKnown));
        parameters.Add(Array(sessions, session => session.LastAt));
        parameters.Add(Array(sessions, session => session.CountedAt));
        parameters.Add(Array(sessions, session => session.Seconds));
        parameters.Add(Array(sessions, session => session.Up.Octets));
        parameters.Add(Array(sessions, session => session.Down.Octets));
        parameters.Add(Array(sessions, session => Flags(session.Up, session.Down)));
        parameters.Add(Array(sessions, session => session.StoppedAt));
        parameters.Add(Array(sessions, session => (short?)session.End));
        parameters.Add(Array(sessions, session => session.TerminateCause));
        parameters.Add(Addresses(sessions, session => session.FramedAddress));
        parameters.Add(Array(sessions, session => session.PortId));
        parameters.Add(Addresses(sessions, session => session.NasAddress));
        parameters.Add(Array(sessions, session => session.NasIdentifier));
        parameters.Add(Array(sessions, session => session.Token));
        parameters.Add(Array(sessions, session => session.Granted));
        parameters.Add(Array(sessions, session => session.Boots));
        parameters.Add(Array(sessions, session => session.Key.Nas.Value));
        parameters.Add(Array(sessions, session => session.Key.AcctSessionId.Octets));
        parameters.Add(Array(sessions, session => session.Key.UserName.Octets));
        parameters.Add(Array(sessions, session => session.Incarnation));
    }

    static short Flags(Counter up, Counter down)
        => (short)((up.HasGigawords ? 1 : 0) | (down.HasGigawords ? 2 : 0) | (up.IsSuspect ? 4 : 0) | (down.IsSuspect ? 8 : 0));

    static NpgsqlParameter<TValue[]> Array<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
        => new() { TypedValue = [.. rows.Select(value)] };

    static NpgsqlParameter<IPAddress?[]> Addresses(IReadOnlyList<Session> sessions, Func<Session, IPAddress?> value)
        => new() { TypedValue = [.. sessions.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Inet };
}
