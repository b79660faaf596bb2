using System.Collections.Concurrent;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Core.Subscribers;

/// <summary>The network side of plans. A version never changes, so each is read once, and all its subscribers share one object.</summary>
public sealed class PlanProfiles(TenantSql sql)
{
    readonly ConcurrentDictionary<(TenantId Tenant, Guid Plan, int Version), AccessProfile> known = [];

    /// <summary>Reads those of these that are not known yet.</summary>
    internal async Task LearnAsync(TenantId tenant, IEnumerable<(Guid Plan, int Version)> plans, CancellationToken cancellationToken)
    {
        var unknown = plans.Distinct().Where(plan => !known.ContainsKey((tenant, plan.Plan, plan.Version))).ToList();
        if (unknown.Count == 0)
            return;
        var read = await sql.ReadAsync(
            tenant,
            """
            select v.plan_id, v.version, v.up, v.down, v.throttled, v.pool, v.session_limit, v.interim_seconds
            from unnest($1::uuid[], $2::int[]) wanted (plan_id, version) join host.plan_version v using (plan_id, version)
            """,
            row => (Key: (tenant, row.GetGuid(0), row.GetInt32(1)), Profile: new AccessProfile
            {
                Up = new BitRate(row.GetInt64(2)),
                Down = new BitRate(row.GetInt64(3)),
                Throttled = new BitRate(row.GetInt64(4)),
                Pool = row.IsDBNull(5) ? null : row.GetString(5),
                SessionLimit = row.GetInt32(6),
                InterimInterval = Duration.FromSeconds(row.GetInt32(7)),
            }),
            cancellationToken, unknown.ConvertAll(plan => plan.Plan).ToArray(), unknown.ConvertAll(plan => plan.Version).ToArray());
        foreach (var (key, profile) in read)
            known.TryAdd(key, profile);
    }

    /// <summary>The profile of a version that has been learnt.</summary>
    internal AccessProfile Of(TenantId tenant, (Guid Plan, int Version) plan) => known[(tenant, plan.Plan, plan.Version)];
}
