using IspHost.Plugins.Radius.Accounting;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Plugins.Radius.Access;

/// <summary>The places within session limits that logins have taken whose session has not begun yet: <c>radius.seat</c>.</summary>
/// <remarks>
/// Between an Access-Accept and the first record of its session there is nothing to count. The seat is what two logins at the same
/// moment, at whichever nodes, find of each other.
/// </remarks>
sealed class Seats(TenantDatabase<RadiusDb> database, IClock clock)
{
    /// <summary>Within this time of its Access-Accept a session begins, or it does not.</summary>
    static readonly Duration Patience = Duration.FromSeconds(30);

    /// <summary>Takes a seat for each of these logins whose service has one left, in their order.</summary>
    /// <returns>The tokens of those that got one.</returns>
    public Task<HashSet<Guid>> TakeAsync(TenantId tenant, IReadOnlyList<SeatRequest> requests, CancellationToken stop)
        => database.OnConnectionAsync(tenant, async (connection, token) =>
        {
            var now = clock.GetCurrentInstant();
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { Queue(requests), Free(tenant, requests, now - Patience), Take(tenant, requests, now) },
            };
            await using var reader = await batch.ExecuteReaderAsync(token);
            await reader.NextResultAsync(token);
            var taken = new HashSet<Guid>();
            while (await reader.ReadAsync(token))
                taken.Add(reader.GetGuid(0));
            return taken;
        }, stop);

    /// <summary>Gives back the seats of sessions that have begun. Part of the transaction that stores them.</summary>
    /// <remarks>A device that does not send Class back does not say whose seat it is: then all of the service are free.</remarks>
    public static NpgsqlBatchCommand GiveBack(TenantId tenant, IReadOnlyCollection<Session> begun)
    {
        var command = new NpgsqlBatchCommand(
            "delete from radius.seat where tenant_id = $1 and (token = any($2) or subscription_id = any($3))");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. begun.Select(s => s.Token).OfType<Guid>()] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]>
        {
            TypedValue = [.. begun.Where(s => s.Token is null).Select(s => s.Subscription?.Value).OfType<Guid>()],
        });
        return command;
    }

    /// <summary>One login of a service at a time, in one order everywhere. A seat is not worth waiting for the disk.</summary>
    static NpgsqlBatchCommand Queue(IReadOnlyList<SeatRequest> requests)
    {
        var command = new NpgsqlBatchCommand($"""
            select pg_advisory_xact_lock(key), {SessionTable.ByIndex}, set_config('synchronous_commit', 'off', true)
            from (select distinct hashtextextended('radius.seat ' || id, 0) as key from unnest($1) as w (id) order by key) k
            """);
        command.Parameters.Add(Services(requests));
        return command;
    }

    /// <summary>Seats that nobody came for, and those of whoever asks again from the same line.</summary>
    static NpgsqlBatchCommand Free(TenantId tenant, IReadOnlyList<SeatRequest> requests, Instant before)
    {
        var command = new NpgsqlBatchCommand("""
            delete from radius.seat s using unnest($2, $3) as w (subscription_id, line)
            where s.tenant_id = $1 and s.subscription_id = w.subscription_id and (s.taken_at <= $4 or s.line = w.line)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(Services(requests));
        command.Parameters.Add(Lines(requests));
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = before });
        return command;
    }

    static NpgsqlBatchCommand Take(TenantId tenant, IReadOnlyList<SeatRequest> requests, Instant now)
    {
        var command = new NpgsqlBatchCommand($"""
            insert into radius.seat (tenant_id, token, subscription_id, line, taken_at)
            select $1, w.token, w.subscription_id, w.line, $7
            from (
              select *, row_number() over (partition by subscription_id order by place) as nth
              from unnest($2, $3, $4, $5, $6) with ordinality as r (subscription_id, line, token, since, seats, place)) w
            where w.seats >= w.nth
              + (select count(*) from radius.session s
                 where s.tenant_id = $1 and s.subscription_id = w.subscription_id and s.last_at >= w.since and {BootTable.Runs})
              + (select count(*) from radius.seat t where t.tenant_id = $1 and t.subscription_id = w.subscription_id)
            returning token
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(Services(requests));
        command.Parameters.Add(Lines(requests));
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. requests.Select(request => request.Token)] });
        command.Parameters.Add(new NpgsqlParameter<Instant[]> { TypedValue = [.. requests.Select(request => request.AliveSince)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. requests.Select(request => request.Limit)] });
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = now });
        return command;
    }

    static NpgsqlParameter<Guid[]> Services(IReadOnlyList<SeatRequest> requests)
        => new() { TypedValue = [.. requests.Select(request => request.Subscription.Value)] };

    static NpgsqlParameter<byte[]?[]> Lines(IReadOnlyList<SeatRequest> requests)
        => new() { TypedValue = [.. requests.Select(request => request.Line)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
}

/// <summary>A login whose service may have no more than so many sessions.</summary>
/// <param name="Token">Of the session that is to begin.</param>
/// <param name="Subscription">The service.</param>
/// <param name="Line">From where it comes; null if the request does not say.</param>
/// <param name="Limit">How many sessions there may be.</param>
/// <param name="AliveSince">A session whose last sign of life is older does not count.</param>
readonly record struct SeatRequest(Guid Token, SubscriptionId Subscription, byte[]? Line, int Limit, Instant AliveSince);
