using IspHost.Sdk.Data;
using Microsoft.Extensions.Hosting;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Retention;

/// <summary>Sees to it that usage finds the partition of its month: from the month before to the one after the next.</summary>
public sealed class UsageMonths(IDatabase database, IClock clock, TimeProvider time) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>Makes the partitions around an instant. Usage of other months goes to the default partition and is not lost.</summary>
    public async Task EnsureAsync(Instant around, CancellationToken cancellationToken)
    {
        var month = around.InUtc().Date.With(DateAdjusters.StartOfMonth);
        await using var command = database.Connections.CreateCommand("""
            select host.add_usage_month(month::date)
            from generate_series($1::date - interval '1 month', $1::date + interval '2 months', interval '1 month') month
            """);
        command.Parameters.Add(new NpgsqlParameter<LocalDate> { TypedValue = month });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await EnsureAsync(clock.GetCurrentInstant(), stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
