using System.Security.Cryptography;
using IspHost.Core.Changes;
using IspHost.Core.Network;
using IspHost.Core.Secrets;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Subscribers;

/// <summary>Puts subscribers together from service, contracts, locks and addresses: many in one statement, all of one moment.</summary>
public sealed class SubscriberReader(TenantSql sql, DatabaseLife life, PlanProfiles plans, Vault vault, UnreadableRows unreadable)
{
    /// <summary>How many a page has: some megabytes, and enough for joins over whole tables to pay.</summary>
    internal const int PageSize = 20_000;

    /// <summary>The strictest lock counts, in the order of <see cref="AccessMode"/>; a service that is not active may do nothing.</summary>
    const string Columns = """
        s.id, s.user_name, s.password, c.plan_id, c.plan_version, c.valid_from, c.valid_to, pg_current_snapshot()::text,
        case when s.state = 'active' then coalesce((
          select max(array_position('{throttled,walled_garden,blocked}'::text[], l.mode))
          from host.access_lock l where l.tenant_id = s.tenant_id and l.subscription_id = s.id), 0) else 3 end,
        a.v4, a.v6, a.delegated
        """;

    const string Addresses = """
        left join lateral (
          select max(address::inet) filter (where kind = 'v4')::cidr as v4, max(address::inet) filter (where kind = 'v6')::cidr as v6,
            max(address::inet) filter (where kind = 'delegated')::cidr as delegated
          from host.address_assignment where tenant_id = s.tenant_id and subscription_id = s.id) a on true
        """;

    const string These = $"""
        select w.id, {Columns}
        from unnest($1::uuid[]) w (id)
        left join host.subscription s on s.id = w.id and s.state <> 'terminated'
        left join host.contract_version c on c.tenant_id = s.tenant_id and c.subscription_id = s.id
        {Addresses}
        order by w.id
        """;

    const string Page = $"""
        select s.id, {Columns}
        from (select * from host.subscription where id > $1 and state <> 'terminated' order by id limit $2) s
        left join host.contract_version c on c.tenant_id = s.tenant_id and c.subscription_id = s.id
        {Addresses}
        order by s.id
        """;

    /// <summary>The services with these identities.</summary>
    internal Task<Reading> ReadAsync(TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
        => ReadAsync(tenant, These, cancellationToken, ids.ToArray());

    /// <summary>The services that follow one, in the order of their identities.</summary>
    internal Task<Reading> ReadPageAsync(TenantId tenant, Guid after, CancellationToken cancellationToken)
        => ReadAsync(tenant, Page, cancellationToken, after, PageSize);

    async Task<Reading> ReadAsync(TenantId tenant, string query, CancellationToken cancellationToken, params object[] values)
    {
        var alive = life.Number;
        var rows = await sql.ReadManyAsync(tenant, query, Row.Of, cancellationToken, values);
        await plans.LearnAsync(tenant, rows.Where(row => row.Terms is not null).Select(row => row.Terms!.Value.Plan), cancellationToken);

        var at = rows.Count == 0 ? default : Moment.Of(alive, rows[0].Snapshot);
        var (found, gone) = (new List<KnownSubscriber>(rows.Count), new List<SubscriptionId>());
        for (int first = 0, next; first < rows.Count; first = next)
        {
            for (next = first + 1; next < rows.Count && rows[next].Id == rows[first].Id;)
                next++;
            if (SubscriberOf(tenant, at, rows[first..next]) is { } subscriber)
                found.Add(subscriber);
            else
                gone.Add(new SubscriptionId(rows[first].Id));
        }
        return new Reading(at, found, gone, rows.Count == 0 ? null : new SubscriptionId(rows[^1].Id));
    }

    /// <param name="tenant">Whose.</param>
    /// <param name="at">When it was read.</param>
    /// <param name="rows">One for each contract.</param>
    KnownSubscriber? SubscriberOf(TenantId tenant, Moment at, List<Row> rows)
    {
        var row = rows[0];
        if (row.Terms is null || PasswordOf(tenant, row) is not { } password)
            return null;
        var addresses = row.Addresses;
        var terms = rows.ConvertAll(of => new KnownSubscriber.Term(of.Terms!.Value.From, of.Terms.Value.To, new Subscriber
        {
            Subscription = new SubscriptionId(row.Id),
            UserName = row.UserName!,
            Password = password,
            Profile = plans.Of(tenant, of.Terms.Value.Plan),
            Access = row.Access,
            Addresses = addresses,
        }));
        return new KnownSubscriber(at, terms);
    }

    string? PasswordOf(TenantId tenant, in Row row)
    {
        var id = row.Id.ToString();
        try
        {
            var password = vault.Open(SealedColumn.Password.At(tenant, row.Id), row.Password);
            unreadable.Clear("subscriber", id);
            return password;
        }
        catch (CryptographicException)
        {
            unreadable.Mark(new UnreadableRow("subscriber", tenant, id, "the vault's key does not open its password"));
            return null;
        }
    }

    /// <summary>A contract of a service; without terms if the service has ended or has no contract.</summary>
    readonly record struct Row(
        Guid Id, string? UserName, byte[] Password, ContractTerms? Terms, string Snapshot, AccessMode Access, AddressAssignment? Addresses)
    {
        public static Row Of(NpgsqlDataReader row) => new(
            row.GetGuid(0),
            row.IsDBNull(1) ? null : row.GetString(2),
            row.IsDBNull(1) ? [] : row.GetFieldValue<byte[]>(3),
            row.IsDBNull(1) || row.IsDBNull(4)
                ? null
                : new ContractTerms(
                    (row.GetGuid(4), row.GetInt32(5)), row.GetFieldValue<LocalDate>(6),
                    row.IsDBNull(7) ? null : row.GetFieldValue<LocalDate>(7)),
            row.GetString(8),
            (AccessMode)row.GetInt32(9),
            AddressBook.Combine(row, 10));
    }

    readonly record struct ContractTerms((Guid Id, int Version) Plan, LocalDate From, LocalDate? To);
}
