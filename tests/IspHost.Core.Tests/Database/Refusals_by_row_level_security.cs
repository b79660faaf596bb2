using System.Diagnostics.Metrics;
using IspHost.Core.Database;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Database;

public sealed class Refusals_by_row_level_security(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_counted()
    {
        await using var database = await postgres.CreateAsync();
        var (mine, theirs) = (await database.AddTenantAsync("mine"), await database.AddTenantAsync("theirs"));
        var refused = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "isphost.rls.refusals")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref refused, value));
        listener.Start();

        await Assert.ThrowsAsync<PostgresException>(() => database.Of<IspDb>(options => new IspDb(options)).OnConnectionAsync(
            mine, async (connection, stop) =>
            {
                await using var command = new NpgsqlCommand(
                    $"insert into host.address_pool (tenant_id, name) values ('{theirs}', 'pool')", connection);
                await command.ExecuteNonQueryAsync(stop);
            }, Stop));

        Assert.True(Interlocked.Read(ref refused) >= 1);
    }
}
