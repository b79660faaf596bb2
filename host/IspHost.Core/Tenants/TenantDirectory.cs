using System.Collections.Concurrent;
using IspHost.Core.Changes;
using IspHost.Core.Zones;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Tenants;

/// <summary>All tenants, in memory.</summary>
public sealed class TenantDirectory(
    IDatabase database, DatabaseLife life, ZoneRules rules, IClock clock, UnreadableRows unreadable) : ITenants
{
    const string Columns = """
        select id, code, legal_name, address, tax_number, country, currency, zone, tax_engine, test_clock, pg_current_snapshot()::text
        from host.tenant
        """;

    readonly Lock writing = new();
    readonly ConcurrentDictionary<TenantId, Entry> byId = [];
    readonly ConcurrentDictionary<string, Entry> byCode = new(StringComparer.Ordinal);
    volatile IReadOnlyList<Tenant>? all;

    /// <inheritdoc/>
    public IReadOnlyList<Tenant> All => all ?? List();

    /// <inheritdoc/>
    public Tenant? Find(TenantId tenant) => byId.GetValueOrDefault(tenant)?.Tenant;

    /// <summary>The tenant with this code, if there is one.</summary>
    public Tenant? Find(string code) => byCode.GetValueOrDefault(code)?.Tenant;

    /// <inheritdoc/>
    public Instant Now(TenantId tenant) => byId.GetValueOrDefault(tenant)?.TestClock ?? clock.GetCurrentInstant();

    /// <summary>The day that it is for the tenant, in its zone.</summary>
    public LocalDate Today(TenantId tenant) => Now(tenant).InZone(Find(tenant)!.Zone).Date;

    /// <summary>The identities of all tenants, also of those that cannot be read.</summary>
    internal async Task<List<TenantId>> IdsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Connections.CreateCommand("select id from host.tenant");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<TenantId>();
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(new TenantId(reader.GetGuid(0)));
        return ids;
    }

    /// <summary>Reads one tenant, so that memory knows what has been committed.</summary>
    public Task ReadAsync(TenantId tenant, CancellationToken cancellationToken) => ReadAsync([tenant.Value], cancellationToken);

    /// <summary>Reads all tenants.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Connections.CreateCommand(Columns);
        await ReadAsync(command, cancellationToken);
    }

    /// <summary>Reads again what has changed.</summary>
    internal Task FollowAsync(ChangedRows changed, CancellationToken cancellationToken)
        => changed.Ids.Count == 0 ? ReloadAsync(cancellationToken) : ReadAsync(changed.Ids, cancellationToken);

    async Task ReadAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var command = database.Connections.CreateCommand($"{Columns} where id = any ($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] });
        await ReadAsync(command, cancellationToken);
    }

    async Task ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var alive = life.Number;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            Take(reader, alive);
    }

    void Take(NpgsqlDataReader row, int alive)
    {
        var (id, code, zone, currency) = (new TenantId(row.GetGuid(0)), row.GetString(1), row.GetString(7), row.GetString(6));
        if (rules.Zones.GetZoneOrNull(zone) is not { } known)
        {
            Leave(id, code, $"there is no time zone '{zone}'");
        }
        else if (!Currency.TryOf(currency, out var unit))
        {
            Leave(id, code, $"there is no currency '{currency}'");
        }
        else
        {
            unreadable.Clear("tenant", code);
            Put(new Entry(Moment.Of(alive, row.GetString(10)), TenantOf(row, id, known, unit), row.IsDBNull(9)
                ? null
                : row.GetFieldValue<Instant>(9)));
        }
    }

    static Tenant TenantOf(NpgsqlDataReader row, TenantId id, DateTimeZone zone, Currency currency) => new()
    {
        Id = id,
        Code = row.GetString(1),
        LegalName = row.GetString(2),
        Address = row.GetFieldValue<string[]>(3),
        TaxNumber = row.IsDBNull(4) ? null : row.GetString(4),
        Country = row.GetString(5),
        Currency = currency,
        Zone = zone,
        TaxEngine = row.GetString(8),
    };

    IReadOnlyList<Tenant> List()
    {
        lock (writing)
            return all = [.. byId.Values.Select(entry => entry.Tenant).OrderBy(tenant => tenant.Code, StringComparer.Ordinal)];
    }

    /// <summary>A reading that is older than what is known says nothing new.</summary>
    void Put(Entry entry)
    {
        lock (writing)
        {
            if (byId.TryGetValue(entry.Tenant.Id, out var known) && known.At > entry.At)
                return;
            byId[entry.Tenant.Id] = byCode[entry.Tenant.Code] = entry;
            all = null;
        }
    }

    void Leave(TenantId id, string code, string why)
    {
        unreadable.Mark(new UnreadableRow("tenant", id, code, why));
        lock (writing)
        {
            byId.TryRemove(id, out _);
            byCode.TryRemove(code, out _);
            all = null;
        }
    }

    sealed record Entry(Moment At, Tenant Tenant, Instant? TestClock);
}
