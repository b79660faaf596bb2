using System.Globalization;
using System.Net;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Plugins.Billing;
using IspHost.Plugins.Radius;
using IspHost.Sdk;
using IspHost.Testing;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace IspHost.Benchmarks;

/// <summary>A generated database of a provider of providers: each has as many subscribers, with a history of closed sessions.</summary>
sealed class Installation(TestDatabase database, int tenants) : IAsyncDisposable
{
    public const int SubscribersPerTenant = 100;
    public const string Secret = "a secret of the access server";

    /// <summary>How many months there are to be billed.</summary>
    public const int Months = 4;

    const int SessionsPerSubscriber = 10;

    static readonly string[] Address = ["7 Cable Road", "54321 Port"];

    readonly TenantId[] ids = [.. Enumerable.Range(0, tenants).Select(_ => TenantId.New())];

    public int Tenants => tenants;

    public int Subscribers => tenants * SubscribersPerTenant;

    public int Sessions => Subscribers * SessionsPerSubscriber;

    public string Connection => database.OwnerConnection;

    /// <summary>When all contracts began: as many months ago as can be billed.</summary>
    static LocalDate Beginning
    {
        get
        {
            var today = SystemClock.Instance.GetCurrentInstant().InUtc().Date;
            return new LocalDate(today.Year, today.Month, 1).PlusMonths(-Months);
        }
    }

    /// <summary>A month that is over and was not billed, such as 2026-10.</summary>
    public static string PeriodOf(int month) => Beginning.PlusMonths(month).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    public static string CodeOf(int tenant) => $"isp-{tenant.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Each provider has one access server.</summary>
    public static IPAddress NasOf(int tenant) => new([127, 1, (byte)(tenant / 250), (byte)(1 + (tenant % 250))]);

    public static string UserOf(int subscriber) => $"user-{subscriber.ToString(CultureInfo.InvariantCulture)}";

    public static string PasswordOf(int subscriber) => $"secret-{subscriber.ToString(CultureInfo.InvariantCulture)}";

    public static async Task<Installation> GenerateAsync(PostgresFixture postgres, int tenants)
    {
        var database = await postgres.CreateAsync(("billing", typeof(BillingPlugin).Assembly), ("radius", typeof(RadiusPlugin).Assembly));
        var made = new Installation(database, tenants);
        await made.GenerateAsync();
        return made;
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    /// <summary>Locks a subscriber out, behind the API's back: what is measured is how soon nodes know.</summary>
    public Task LockAsync(int tenant, int subscriber) => database.ScalarAsync<object>($"""
        insert into host.access_lock (tenant_id, subscription_id, reason, mode, since)
        values ('{ids[tenant]}', '{IdOf(tenant, subscriber)}', 'admin', 'blocked', now())
        """);

    /// <summary>Has the database write out what it has in memory, as it does every five minutes, and keep its log for reuse.</summary>
    public Task CheckpointAsync() => database.ScalarAsync<object>("checkpoint");

    /// <summary>How many bill runs have not ended.</summary>
    public Task<long> OpenRunsAsync() => database.ScalarAsync<long>("select count(*) from billing.bill_run where state <> 'done'");

    /// <summary>How many events have not been handled yet.</summary>
    public Task<long> OpenEventsAsync() => database.ScalarAsync<long>("select count(*) from host.due where kind = 'event'");

    async Task GenerateAsync()
    {
        var keys = await VaultKeys.OpenAsync((HostConnections)database.Database, CancellationToken.None);
        var builder = new NpgsqlDataSourceBuilder(database.OwnerConnection);
        builder.UseNodaTime();
        await using var owner = builder.Build();
        await using var connection = await owner.OpenConnectionAsync();
        // Neither constraints nor the announcements of a million changes: all this was there before the node starts.
        await ExecuteAsync(connection, "set session_replication_role = replica");
        await CopyTenantsAsync(connection, new Vault(keys));
        await CopySubscribersAsync(connection, new Vault(keys));
        await ExecuteAsync(connection, SessionsSql);
        await ExecuteAsync(connection, "vacuum analyze");
    }

    async Task CopyTenantsAsync(NpgsqlConnection connection, Vault vault)
    {
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy host.tenant (id, code, legal_name, country, currency, zone, tax_engine, address) from stdin (format binary)"))
        {
            for (var i = 0; i < tenants; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(ids[i].Value);
                foreach (var text in (string[])[CodeOf(i), $"Provider {i}", "GR", "EUR", "Europe/Athens", "vat"])
                    await copy.WriteAsync(text);
                await copy.WriteAsync(Address);
            }
            await copy.CompleteAsync();
        }
        await using (var copy = await connection.BeginBinaryImportAsync("""
            copy host.nas_device (tenant_id, id, name, address, secret, vendor, require_message_authenticator, change_port)
            from stdin (format binary)
            """))
        {
            for (var i = 0; i < tenants; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(ids[i].Value);
                await copy.WriteAsync(ids[i].Value);
                await copy.WriteAsync("Edge");
                await copy.WriteAsync(NasOf(i), NpgsqlDbType.Inet);
                await copy.WriteAsync(vault.Seal(SealedColumn.NasSecret.At(ids[i], ids[i].Value), Secret));
                await copy.WriteAsync("mikrotik");
                await copy.WriteAsync(false);
                await copy.WriteAsync(3799);
            }
            await copy.CompleteAsync();
        }
        await ExecuteAsync(connection, """
            insert into host.plan (tenant_id, id, code) select id, id, 'home' from host.tenant;
            insert into host.plan_version (tenant_id, plan_id, version, name, published_at, up, down, throttled, session_limit,
              interim_seconds, recurring, currency, interval_months, timing, proration, tax_class)
            select id, id, 1, 'Home', '2026-01-01', 10000000, 100000000, 512000, 0, 600, 30, 'EUR', 1, 'arrears', 'actual_days', 'standard'
            from host.tenant
            """);
    }

    async Task CopySubscribersAsync(NpgsqlConnection connection, Vault vault)
    {
        await using (var copy = await connection.BeginBinaryImportAsync("""
            copy host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on) from stdin (format binary)
            """))
        {
            for (var i = 0; i < Subscribers; i++)
            {
                var (tenant, id) = (ids[i / SubscribersPerTenant], IdOf(i / SubscribersPerTenant, i));
                await copy.StartRowAsync();
                await copy.WriteAsync(tenant.Value);
                await copy.WriteAsync(id);
                await copy.WriteAsync(id);
                await copy.WriteAsync("active");
                await copy.WriteAsync(UserOf(i));
                await copy.WriteAsync(vault.Seal(SealedColumn.Password.At(tenant, id), PasswordOf(i)));
                await copy.WriteAsync(Beginning);
            }
            await copy.CompleteAsync();
        }
        await ExecuteAsync(connection, """
            insert into host.customer (tenant_id, id, portal_id, name, email, address, country, segment, since)
            select tenant_id, id, 'P-' || user_name, 'Customer ' || user_name, user_name || '@example.net',
              array['1 High Street', '12345 Town'], 'GR', 'residential', '2026-01-01' from host.subscription;
            insert into host.contract_version (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from)
            select tenant_id, id, id, id, tenant_id, 1, activated_on, activated_on from host.subscription
            """);
    }

    /// <summary>In the order of time, as sessions come: all subscribers' first, then all subscribers' second.</summary>
    static string SessionsSql => $"""
        insert into radius.session (tenant_id, id, nas_id, acct_session_id, user_name, incarnation, subscription_id, started_at,
          begin_known, last_at, counted_at, session_seconds, octets_up, octets_down, counter_flags, stopped_at, end_reason,
          terminate_cause)
        select s.tenant_id, gen_random_uuid(), s.tenant_id, decode(lpad(to_hex(n), 8, '0'), 'hex'), convert_to(s.user_name, 'UTF8'), 0,
          s.id, at, true, at + interval '1 day', at + interval '1 day', 86400, 100000000, 900000000, 0, at + interval '1 day', 1, 1
        from generate_series(1, {SessionsPerSubscriber}) n cross join host.subscription s,
          lateral (select now() - make_interval(days => 20 - n) as at) t
        """;

    /// <summary>Of a service, its customer and its contract.</summary>
    static Guid IdOf(int tenant, int subscriber)
        => Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"01990000-0000-7000-{0x8000 | (tenant & 0x3fff):x4}-{subscriber:x12}"));

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3600 };
        await command.ExecuteNonQueryAsync();
    }
}
