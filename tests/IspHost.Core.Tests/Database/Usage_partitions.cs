using IspHost.Testing;

namespace IspHost.Core.Tests.Database;

public sealed class Usage_partitions(PostgresFixture postgres)
{
    [Fact]
    public async Task A_new_month_takes_over_the_usage_that_came_before_its_partition_was_made()
    {
        await using var test = await postgres.CreateAsync();
        var tenant = await test.AddTenantAsync("acme");
        await test.ScalarAsync<int>($"""
            insert into host.usage (tenant_id, started_at, id, subscription_id, ended_at, bytes_up, bytes_down)
            select '{tenant}', at, gen_random_uuid(), gen_random_uuid(), at, 1, 1
            from unnest(
                array['2026-09-30 23:59:59+00', '2026-10-01 00:00+00', '2026-10-31 23:59:59+00', '2026-11-01 00:00+00']::timestamptz[]) at
            """);

        await using var command = test.Database.Connections.CreateCommand(
            "select host.add_usage_month('2026-10-17'); select host.add_usage_month('2026-10-01')");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2L, await test.ScalarAsync<long>("select count(*) from host.usage_2026_10"));
        Assert.Equal(2L, await test.ScalarAsync<long>("select count(*) from host.usage_other"));
        Assert.True(
            await test.ScalarAsync<bool>("select relrowsecurity and relforcerowsecurity from pg_class where relname = 'usage_2026_10'"));
    }
}
