using System.Collections.Concurrent;
using System.Security.Claims;
using IspHost.Core.Web;
using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Core.Versions;

/// <summary>Counts calls of versions that will end, by key and operation, so that those who make them can be told.</summary>
/// <remarks>In memory, and written once a minute: a call waits for nothing, and a node that is killed forgets a minute.</remarks>
sealed class VersionCalls(IDatabase database, IClock clock, TimeProvider time, ILogger<VersionCalls> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<Call, long> counted = [];

    /// <summary>Counts a call.</summary>
    public void Count(HttpContext http, LocalDate version)
    {
        var call = new Call(
            version,
            http.User.FindFirstValue(ClaimTypes.NameIdentifier)?["key:".Length..] ?? "",
            http.GetEndpoint()!.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "",
            TenantId.TryParse(http.User.FindFirstValue(Policies.Tenant), null, out var tenant) ? tenant : null);
        counted.AddOrUpdate(call, 1, static (_, count) => count + 1);
    }

    /// <summary>Writes what was counted.</summary>
    public async Task WriteAsync(CancellationToken stop)
    {
        var taken = counted.Keys.Select(call => (Call: call, Count: counted.TryRemove(call, out var count) ? count : 0)).ToList();
        if (taken.Count == 0)
            return;
        try
        {
            await using var command = database.Connections.CreateCommand("""
                insert into host.api_version_call as c (version, key_prefix, operation, tenant, calls, first_at, last_at)
                select version, key_prefix, operation, min(tenant::text)::uuid, sum(calls), $6, $6
                from unnest($1, $2, $3, $4, $5) as n (version, key_prefix, operation, tenant, calls)
                group by version, key_prefix, operation order by version, key_prefix, operation
                on conflict (version, key_prefix, operation) do update
                set calls = c.calls + excluded.calls, last_at = greatest(c.last_at, excluded.last_at)
                """);
            command.Parameters.Add(new NpgsqlParameter<LocalDate[]> { TypedValue = [.. taken.Select(one => one.Call.Version)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. taken.Select(one => one.Call.Key)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. taken.Select(one => one.Call.Operation)] });
            command.Parameters.Add(new NpgsqlParameter
            {
                Value = taken.Select(one => one.Call.Tenant?.Value).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
            });
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. taken.Select(one => one.Count)] });
            command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = clock.GetCurrentInstant() });
            await command.ExecuteNonQueryAsync(stop);
        }
        catch
        {
            foreach (var (call, count) in taken)
                counted.AddOrUpdate(call, count, (_, more) => more + count);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // What the last minute had is not worth a stop that hangs: without a database it is forgotten.
        await WriteAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Sweep("calls of versions that will end", Every, time, log).RunAsync(WriteAsync, stoppingToken);

    readonly record struct Call(LocalDate Version, string Key, string Operation, TenantId? Tenant);
}
