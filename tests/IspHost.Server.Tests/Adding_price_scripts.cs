using IspHost.Core.Pricing;
using Npgsql;

namespace IspHost.Server.Tests;

public sealed class Adding_price_scripts(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_sources_of_one_name_at_the_same_moment_are_two_revisions()
    {
        var tenant = await server.AddTenantAsync();
        await using var owner = await server.Database.Owner!.OpenConnectionAsync(Stop);
        await using var held = await owner.BeginTransactionAsync(Stop);
        await using (var hold = new NpgsqlCommand("lock table host.price_script in share row exclusive mode", owner))
            await hold.ExecuteNonQueryAsync(Stop);

        var both = Task.WhenAll(AddAsync(tenant, "1"), AddAsync(tenant, "2"));
        await UntilBothWaitAsync(both);
        await held.CommitAsync(Stop);

        Assert.Equal([1, 2], (await both).Select(script => script.Revision).Order());
    }

    Task<ScriptView> AddAsync(string tenant, string price) => server.Operator.PostAsync<ScriptView>(
        "price-scripts", tenant, new NewScript("twice", $"return {price}m;"), Stop);

    async Task UntilBothWaitAsync(Task both)
    {
        await using var command = server.Database.Owner!.CreateCommand("""
            select count(*) from pg_locks where relation = 'host.price_script'::regclass and not granted
            """);
        while (!both.IsCompleted && (long)(await command.ExecuteScalarAsync(Stop))! < 2)
            await Task.Delay(20, Stop);
    }
}
