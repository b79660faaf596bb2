using IspHost.Core.Database;
using IspHost.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IspHost.Core.Tests.Database;

public sealed class Connections_of_a_node(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 20, 20, 34)]
    [InlineData("Maximum Pool Size=100", 25, 25, 44)]
    [InlineData("maxpoolsize=16", 4, 4, 2)]
    public void What_the_operator_allows_is_shared_out(string settings, int packets, int requests, int work)
    {
        var sizes = new ConnectionLimits().Of(new(settings));

        Assert.Equal((packets, requests, work), (sizes[DatabaseLane.Packets], sizes[DatabaseLane.Requests], sizes[DatabaseLane.Work]));
    }

    [Fact]
    public void Shares_that_are_given_are_kept_and_work_gets_the_rest()
    {
        var sizes = new ConnectionLimits { Packets = 30, Requests = 10 }.Of(new("Maximum Pool Size=80"));

        Assert.Equal((30, 10, 34), (sizes[DatabaseLane.Packets], sizes[DatabaseLane.Requests], sizes[DatabaseLane.Work]));
    }

    [Theory]
    [InlineData(20, 20, 34, "2 10 17", "18 5 8", "1 5 8")]
    [InlineData(4, 4, 2, "1 2 1", "3 1 1", "1 1 1")]
    public void Half_of_a_share_is_the_hosts_and_the_plugins_have_the_rest_and_those_for_packets_are_theirs_to_whom_packets_come(
        int packets, int requests, int work, string host, string hears, string deaf)
    {
        var sizes = new LaneSizes(packets, requests, work);
        DatabaseLane[] lanes = [DatabaseLane.Packets, DatabaseLane.Requests, DatabaseLane.Work];

        Assert.Equal(host, string.Join(' ', lanes.Select(sizes.OfHost)));
        Assert.Equal(hears, string.Join(' ', lanes.Select(lane => sizes.OfPlugin(lane, true, lane is DatabaseLane.Packets ? 1 : 2))));
        Assert.Equal(deaf, string.Join(' ', lanes.Select(lane => sizes.OfPlugin(lane, false, lane is DatabaseLane.Packets ? 1 : 2))));
    }

    [Theory]
    [InlineData("Maximum Pool Size=15", null, "Maximum Pool Size is 15: a node needs at least 16 connections.")]
    [InlineData("Maximum Pool Size=20", 14, "Packets would have 5 connections, requests 14, and work -5: each needs at least 2.")]
    public void Shares_that_do_not_fit_are_refused_in_one_line(string settings, int? requests, string reason)
    {
        var refused = Assert.Throws<DatabaseStartException>(() => new ConnectionLimits { Requests = requests }.Of(new(settings)));

        Assert.Equal(reason, refused.Message);
    }

    [Fact]
    public void All_shares_together_are_no_more_than_the_operator_allows()
    {
        var limits = new ConnectionLimits { Packets = 20, Requests = 20, Work = 20 };

        var refused = Assert.Throws<DatabaseStartException>(() => limits.Of(new("Maximum Pool Size=50")));

        Assert.Equal("66 connections are shared out, but Maximum Pool Size is 50.", refused.Message);
    }

    [Fact]
    public async Task Work_that_holds_all_its_connections_keeps_no_request_and_no_packet_from_the_database()
    {
        await using var node = await HostConnections.OpenAsync($"{await postgres.CreateEmptyAsync()};Maximum Pool Size=16", Stop);
        await using var held = await node.Connections.OpenConnectionAsync(Stop);

        Assert.Equal(1, node.MostJobs);
        Assert.Equal(0L, await InLaneAsync(DatabaseLane.Requests, () => CountAsync(node)));
        Assert.Equal(0L, await InLaneAsync(DatabaseLane.Packets, () => CountAsync(node)));

        Assert.Equal(DatabaseLane.Work, DatabaseLanes.Current);
    }

    [Fact]
    public async Task A_context_uses_the_connections_of_the_flow_that_opened_it()
    {
        await using var database = await postgres.CreateAsync();
        var tenant = await database.AddTenantAsync("acme");
        var tenants = database.Of<IspDb>(options => new IspDb(options));
        var host = new HostDbs(database.Database);

        foreach (var (lane, seconds) in new[] { (DatabaseLane.Packets, 3), (DatabaseLane.Requests, 10), (DatabaseLane.Work, 30) })
        {
            var (ofTenant, ofHost, rows) = await InLaneAsync(lane, async () =>
            {
                await using var db = tenants.Open(tenant);
                await using var hostDb = host.CreateDbContext();
                return (SecondsOf(db), SecondsOf(hostDb), await db.Database.SqlQuery<int>($"select 1 as value").ToListAsync(Stop));
            });
            Assert.Equal((seconds, seconds), (ofTenant, ofHost));
            Assert.Equal([1], rows);
        }
    }

    static int SecondsOf(DbContext db) => new NpgsqlConnectionStringBuilder(db.Database.GetDbConnection().ConnectionString).CommandTimeout;

    static async Task<long> CountAsync(HostConnections node)
    {
        await using var command = node.Connections.CreateCommand("select count(*) from host.tenant");
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    static async Task<T> InLaneAsync<T>(DatabaseLane lane, Func<Task<T>> work)
    {
        DatabaseLanes.Current = lane;
        return await work();
    }
}
