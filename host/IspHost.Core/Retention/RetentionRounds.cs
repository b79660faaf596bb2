using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IspHost.Core.Retention;

/// <summary>Lets go of what has been kept for long enough: each table on one node at a time.</summary>
/// <remarks>
/// A step deletes a batch of one tenant's rows in a transaction of its own. So a round may end at any point, by a kill or because it has
/// had its time, and the next one goes on with the tenant where it ended. Nobody waits for it: it pauses again and again,
/// so that ten thousand tenants are a little work for hours, and not much of it at once.
/// </remarks>
sealed partial class RetentionRounds(
    OldRows rows, UsageMonths months, ITenants tenants, TimeProvider time, ILogger<RetentionRounds> log) : BackgroundService
{
    const int Batch = 5_000;
    const int StepsBetweenPauses = 50;
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Of a round; well below what a node has it for.</summary>
    static readonly TimeSpan Longest = OldRows.Lease / 3;

    /// <summary>Goes one round for each table whose time has come.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (await rows.TakeAsync(stop) is { } old)
        {
            if (old.Subject == UsageMonths.Subject && old.Reached == default)
                await months.DropOldAsync(tenants, stop);
            await GoRoundAsync(old, stop);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Sweep("rows that are kept no longer", Interval, time, log).RunAsync(RunAsync, stoppingToken);

    async Task GoRoundAsync(OldRowsOf old, CancellationToken stop)
    {
        var (begun, forgotten, reached) = (time.GetTimestamp(), 0L, old.Reached);
        var left = new Queue<TenantId>(tenants.All.Select(tenant => tenant.Id)
            .Where(tenant => tenant.Value > old.Reached.Value).OrderBy(tenant => tenant.Value));
        for (var steps = 1; left.TryPeek(out var tenant) && time.GetElapsedTime(begun) < Longest; steps++)
        {
            var gone = await ForgetAsync(tenant, old, stop);
            forgotten += gone;
            if (gone < Batch)
                reached = left.Dequeue();
            if (steps % StepsBetweenPauses == 0)
                await Task.Delay(Pause, time, stop);
        }
        await rows.FinishAsync(old, forgotten, left.Count > 0 ? reached : null, stop);
    }

    /// <summary>One tenant's rows that cannot go must not keep those of the others: they are tried again in the next round.</summary>
    async Task<int> ForgetAsync(TenantId tenant, OldRowsOf old, CancellationToken stop)
    {
        try
        {
            return await rows.ForgetAsync(tenant, old, tenants.Now(tenant), Batch, stop);
        }
        catch (PostgresException failure)
        {
            Failed(log, failure, old.Subject, tenant);
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old rows of {Subject} of tenant {Tenant} could not go")]
    static partial void Failed(ILogger log, Exception failure, string subject, TenantId tenant);
}
