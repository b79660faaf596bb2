using IspHost.Core.Work;
using IspHost.Sdk;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Retention;

/// <summary>Lets go of what has been kept for long enough: each table on one node at a time.</summary>
/// <remarks>
/// A step deletes some tenants' rows in a transaction of its own. So a round may end at any point, by a kill or because it has had
/// its time, and the next one goes on with the tenant where it ended. Nobody waits for it: it pauses after each step, so that ten
/// thousand tenants are a little work for a while, and not much of it at once.
/// </remarks>
sealed partial class RetentionRounds(
    OldRows rows, UsageMonths months, ITenants tenants, TimeProvider time, ILogger<RetentionRounds> log) : BackgroundService
{
    const int RowsAtOnce = 5_000;
    const int TenantsAtOnce = 100;
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

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
        while (left.Count > 0 && time.GetElapsedTime(begun) < Longest)
        {
            var next = left.Take(TenantsAtOnce).Select(tenant => (tenant, tenants.Now(tenant))).ToList();
            foreach (var turn in await rows.ForgetAsync(old, next, RowsAtOnce, stop))
            {
                forgotten += turn.Rows;
                // One tenant's rows that cannot go do not keep those of the others: they are tried again in the next round.
                if (turn.Failure is not null)
                    Failed(log, old.Subject, left.Peek(), turn.Failure);
                if (turn.IsOver)
                    reached = left.Dequeue();
            }
            if (left.Count > 0)
                await Task.Delay(Pause, time, stop);
        }
        await rows.FinishAsync(old, forgotten, left.Count > 0 ? reached : null, stop);
    }

    [LoggerMessage(LogLevel.Warning, "Old rows of {Subject} of tenant {Tenant} could not go: {Failure}")]
    static partial void Failed(ILogger log, string subject, TenantId tenant, string failure);
}
