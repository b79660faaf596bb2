using System.Globalization;
using IspHost.Sdk;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Benchmarks;

/// <summary>Customers with a service and its usage of October 2026 each, in the host's tables.</summary>
static class Subscribers
{
    public const string UsageRule = "flat";

    const int DaysWithUsage = 30;

    public static async Task SeedAsync(TestDatabase database, TenantId tenant, int count)
    {
        await using var source = NpgsqlDataSource.Create(database.OwnerConnection);
        await using var command = source.CreateCommand(Sql(tenant, count));
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Identities are in the order of their numbers and random at the end, as those are that a node makes.</summary>
    static string Sql(TenantId tenant, int count) => string.Create(CultureInfo.InvariantCulture, $"""
        create function pg_temp.id(kind text, i int) returns uuid language sql immutable
          as $$ select ('01990000' || lpad(to_hex(i), 8, '0') || substr(md5(kind || i), 1, 16))::uuid $$;
        update host.tenant
        set test_clock = '2026-11-01 04:00+00', address = array['7 Cable Road', '54321 Port'], tax_number = 'EL123456789';
        select host.add_usage_month('2026-10-01');

        insert into host.plan (tenant_id, id, code) values ('{tenant}', pg_temp.id('plan', 1), 'fiber-100');
        insert into host.plan_version (tenant_id, plan_id, version, name, published_at, up, down, throttled, session_limit, interim_seconds,
          recurring, currency, interval_months, timing, proration, usage_rule, usage_rate, tax_class)
        values ('{tenant}', pg_temp.id('plan', 1), 1, 'Fiber 100', '2026-01-01', 10000000, 100000000, 512000, 1, 600,
          30, 'EUR', 1, 'arrears', 'actual_days', '{UsageRule}', 0.05, 'standard');

        insert into host.customer (tenant_id, id, portal_id, name, email, address, country, segment, since)
        select '{tenant}', pg_temp.id('customer', i), 'BENCH-' || lpad(i::text, 7, '0') || '-3', 'Customer ' || i,
          'customer-' || i || '@example.net', array[i || ' High Street', '12345 Town'], 'GR', 'residential', '2026-01-01'
        from generate_series(1, {count}) i;
        insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
        select '{tenant}', pg_temp.id('subscription', i), pg_temp.id('customer', i), 'active', 'user-' || i, '', '2026-10-01'
        from generate_series(1, {count}) i;
        insert into host.contract_version (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from)
        select '{tenant}', pg_temp.id('contract', i), pg_temp.id('subscription', i), pg_temp.id('customer', i), pg_temp.id('plan', 1), 1,
          '2026-10-01', '2026-10-01'
        from generate_series(1, {count}) i;
        insert into host.usage (tenant_id, started_at, id, subscription_id, ended_at, bytes_up, bytes_down)
        select '{tenant}', at, pg_temp.id('usage', i * 31 + day), pg_temp.id('subscription', i), at + interval '50 minutes',
          1000000 * (i % 100) + day, 10000000 * (i % 100) + day
        from generate_series(1, {count}) i, generate_series(1, {DaysWithUsage}) day,
          lateral (select timestamptz '2026-10-01 00:00+03' + make_interval(days => day - 1, hours => (i + day) % 24) as at) t;
        analyze;
        """);
}
