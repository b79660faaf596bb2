using IspHost.Core.Retention;
using IspHost.Core.Tenancy;
using IspHost.Core.Tests.Cluster;
using IspHost.Testing;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using NodaTime.Testing;

namespace IspHost.Core.Tests.Retention;

public sealed class Months_of_usage(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_their_partitions_later_if_the_database_could_not_make_them_and_the_node_goes_on()
    {
        await using var database = await postgres.CreateAsync();
        await database.ScalarAsync<object>("alter function host.add_usage_month(date) rename to away");
        var (time, log) = (new FakeTimeProvider(), new LogLines<UsageMonths>());
        using var months = new UsageMonths(
            database.Database, new TenantSql(database.Database), new FakeClock(Instant.FromUtc(2031, 5, 14, 9, 0)), time, log);

        await months.StartAsync(Stop);
        await Eventually.TrueAsync(() => months.ExecuteTask!.IsCompleted || !log.All.IsEmpty, "it is noticed");
        await database.ScalarAsync<object>("alter function host.away(date) rename to add_usage_month");

        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return await database.ScalarAsync<long>(
                    "select count(*) from host.usage_months() month where month between '2031-04-01' and '2031-07-01'") == 4;
            },
            "the months from April to July have partitions");
        Assert.False(months.ExecuteTask!.IsCompleted);
        await months.StopAsync(Stop);
    }
}
