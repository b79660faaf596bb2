using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Zones;

/// <summary>Finds out whether PostgreSQL and the operating system know the same time as we do in the zones of tenants.</summary>
/// <remarks>
/// They decide nothing here. But of two that differ one is out of date, and it may be ours: then periods are about to begin at the wrong
/// hour, and reports made elsewhere of the same data will not agree.
/// </remarks>
public sealed class ZoneComparison(ZoneRules rules, ITenants tenants, IDatabase database, IClock clock)
{
    static readonly Duration Past = Duration.FromDays(30);
    static readonly Duration Future = Duration.FromDays(400);
    static readonly Duration Step = Duration.FromHours(6);

    /// <summary>The first difference in each zone and with each of the others, from a month ago until past the next year.</summary>
    public async Task<IReadOnlyList<ZoneDifference>> CompareAsync(CancellationToken cancellationToken)
    {
        var times = Times(clock.GetCurrentInstant()).ToArray();
        var zones = tenants.All.Select(tenant => tenant.Zone.Id).Distinct().Order(StringComparer.Ordinal).ToArray();
        var inDatabase = await InDatabaseAsync(zones, times, cancellationToken);
        var differences = new List<ZoneDifference>();
        foreach (var zone in zones)
        {
            var ours = Array.ConvertAll(times, time => rules.Zones[zone].GetUtcOffset(time));
            Add(differences, "postgresql", zone, times, ours, [.. inDatabase[zone]]);
            Add(differences, "system", zone, times, ours, InSystem(zone, times));
        }
        return differences;
    }

    static IEnumerable<Instant> Times(Instant now)
    {
        for (var time = now - Past; time < now + Future; time += Step)
            yield return time;
    }

    static void Add(List<ZoneDifference> differences, string where, string zone, Instant[] times, Offset[] ours, Offset[] theirs)
    {
        var at = Enumerable.Range(0, theirs.Length).FirstOrDefault(i => theirs[i] != ours[i], -1);
        if (at >= 0)
            differences.Add(new ZoneDifference(zone, where, times[at], ours[at], theirs[at]));
    }

    /// <returns>Nothing if it does not know the zone: a system without time zones is common, and does not disagree.</returns>
    static Offset[] InSystem(string zone, Instant[] times)
        => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known)
            ? Array.ConvertAll(times, time => Offset.FromTimeSpan(known.GetUtcOffset(time.ToDateTimeUtc())))
            : [];

    /// <summary>All zones at once: PostgreSQL reads its files of all zones to tell which there are.</summary>
    async Task<ILookup<string, Offset>> InDatabaseAsync(string[] zones, Instant[] times, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            select z.name, extract(epoch from (t.at at time zone z.name) - (t.at at time zone 'UTC'))::int
            from pg_timezone_names z, unnest($2) with ordinality as t (at, no) where z.name = any ($1) order by t.no
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = zones });
        command.Parameters.Add(new NpgsqlParameter<Instant[]> { TypedValue = times });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var offsets = new List<(string Zone, Offset Offset)>(zones.Length * times.Length);
        while (await reader.ReadAsync(stop))
            offsets.Add((reader.GetString(0), Offset.FromSeconds(reader.GetInt32(1))));
        return offsets.ToLookup(known => known.Zone, known => known.Offset);
    }
}

/// <summary>Somebody knows another time than we do.</summary>
/// <param name="Zone">Where.</param>
/// <param name="Source"><c>postgresql</c> or <c>system</c>.</param>
/// <param name="From">When, to six hours.</param>
/// <param name="Ours">What is added to UTC here.</param>
/// <param name="Theirs">What is added there.</param>
public sealed record ZoneDifference(string Zone, string Source, Instant From, Offset Ours, Offset Theirs)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Zone}: UTC{Ours:g} here, UTC{Theirs:g} in {Source}, about {From:g}";
}
