using IspHost.Core.Loops;
using IspHost.Core.Tenancy;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Retention;

/// <summary>
/// Sees to it that usage finds the partition of its month, from the month before to the one after the next, and lets go of months that
/// nobody needs any more.
/// </summary>
public sealed class UsageMonths(IDatabase database, TenantSql sql, IClock clock, TimeProvider time, ILogger<UsageMonths> log)
    : BackgroundService
{
    /// <summary>The table's name among those that are not kept for ever.</summary>
    public const string Subject = "host.usage";

    static readonly TimeSpan Interval = TimeSpan.FromHours(6);
    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

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

    /// <summary>Drops the months that are old for every tenant, unless one of them has usage there that has not been billed.</summary>
    /// <remarks>A month that stays for a few costs the others nothing but time: their rows are deleted one by one.</remarks>
    public async Task DropOldAsync(ITenants tenants, CancellationToken cancellationToken)
    {
        foreach (var month in await OldAsync(cancellationToken))
        {
            if (!await IsNeededAsync(month, tenants, cancellationToken))
                await DropAsync(month, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Endless("Making partitions for usage", LongestPause, time, log).RunAsync(FollowAsync, stoppingToken);

    async Task FollowAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await EnsureAsync(clock.GetCurrentInstant(), stop);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    async Task<List<LocalDate>> OldAsync(CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("""
            select month from host.usage_months() month
            where (month + interval '1 month') at time zone 'UTC'
              <= $1 - make_interval(days => (select days from host.retention where subject = $2))
            order by month
            """);
        command.Parameters.Add(new NpgsqlParameter<Instant> { TypedValue = clock.GetCurrentInstant() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Subject });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var months = new List<LocalDate>();
        while (await reader.ReadAsync(stop))
            months.Add(reader.GetFieldValue<LocalDate>(0));
        return months;
    }

    async Task<bool> IsNeededAsync(LocalDate month, ITenants tenants, CancellationToken stop)
    {
        var (first, last) = (StartOf(month), StartOf(month.PlusMonths(1)));
        foreach (var tenant in tenants.All)
        {
            var needs = await sql.ReadAsync(
                tenant.Id, "select host.needs_usage($1, $2, host.kept_since($3, $4))", row => row.GetBoolean(0), stop,
                first, last, Subject, tenants.Now(tenant.Id));
            if (needs is [true])
                return true;
        }
        return false;
    }

    async Task DropAsync(LocalDate month, CancellationToken stop)
    {
        await using var command = database.Connections.CreateCommand("select host.drop_usage_month($1)");
        command.Parameters.Add(new NpgsqlParameter<LocalDate> { TypedValue = month });
        try
        {
            await command.ExecuteNonQueryAsync(stop);
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Somebody reads usage for longer. To wait would make all who write it wait behind us; the next round tries again.
        }
    }

    static Instant StartOf(LocalDate month) => month.AtMidnight().InUtc().ToInstant();
}
