using IspHost.Core.Database;
using IspHost.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IspHost.Core.Tests.Database;

public sealed class Commands_of_a_tenant(PostgresFixture postgres)
{
    /// <summary>The fifth use of a statement is when Npgsql prepares it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whose_value_is_refused_while_they_are_prepared_leave_nothing_to_the_next_one(bool isAsync)
    {
        await using var test = await postgres.CreateAsync();
        var tenant = await test.AddTenantAsync("mine");
        var database = test.Of<IspDb>(options => new IspDb(options), connections: 1);

        for (var turn = 1; turn < 10; turn++)
        {
            if (turn == 5)
                await Assert.ThrowsAsync<PostgresException>(() => ThirtyBy(0));
            else
                Assert.Equal([30 / turn], await ThirtyBy(turn));
        }

        async Task<List<int>> ThirtyBy(int number)
        {
            await using var db = database.Open(tenant);
            var query = db.Database.SqlQuery<int>($"select 30 / {number} as \"Value\"");
            return isAsync ? await query.ToListAsync(TestContext.Current.CancellationToken) : query.ToList();
        }
    }
}
