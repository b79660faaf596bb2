using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk.Jobs;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace IspHost.Core.Jobs;

/// <summary>Leads one run from its layout to its end. Keyed tenant/plugin/job/key.</summary>
interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that the run goes on, and looks at once whether a partition is done. Harmless at any time.</summary>
    [OneWay]
    Task Wake();
}

/// <remarks>
/// It remembers nothing that is not in the tables: each step asks them what comes next. So it may die anywhere, and two of it at
/// once, which a cluster allows for moments, only do some work twice.
/// </remarks>
sealed partial class JobGrain(JobRows rows, IPluginWork plugins, JobOptions options, ILogger<JobGrain> log)
    : Grain, IJobGrain, ITenantBound, IRemindable
{
    const string Reminder = "wake";

    IGrainTimer? steps;
    IGrainReminder? reminder;
    bool isWoken;
    int failures;

    PluginKey Run => PluginKey.Of(this.GetGrainId());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        steps = this.RegisterGrainTimer(StepAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan)
        {
            Interleave = true, // A step may take minutes, and wake-ups must not wait for it.
            KeepAlive = true,
        });
        return Task.CompletedTask;
    }

    public Task Wake()
    {
        isWoken = true;
        if (failures == 0) // Otherwise the pause after the failure goes on.
            steps?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Wake();

    async Task StepAsync(CancellationToken stop)
    {
        try
        {
            isWoken = false;
            var isOver = await AdvanceAsync(stop);
            failures = 0;
            if (isOver)
                await EndAsync();
            else
                Next(isWoken ? TimeSpan.Zero : options.CheckEvery);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // This node is stopping; another one takes over.
        }
        catch (Exception cause) // The boundary to the plugin and the database. What failed is tried again.
        {
            Failed(log, cause, Run);
            await NoteAsync(cause, stop);
            Next(options.Retry.After(++failures));
        }
    }

    async Task<bool> AdvanceAsync(CancellationToken stop)
    {
        if (await rows.FindAsync(Run, stop) is not { Status.State: JobState.Running } row)
            return true;

        reminder ??= await this.RegisterOrUpdateReminder(Reminder, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), stop);
        var run = new JobRun { Tenant = Run.Tenant, Key = Run.Id, Argument = row.Argument };
        try
        {
            return row.Status.Partitions == 0 ? await LayOutAsync(run, stop) : await FinishAsync(run, stop);
        }
        catch (JobRefusedException refused)
        {
            await rows.FailAsync(Run, refused.Message, stop);
            return true;
        }
    }

    async Task<bool> LayOutAsync(JobRun run, CancellationToken stop)
    {
        var partitions = await plugins.Job(Run.Plugin, Run.Name).PrepareAsync(run, stop);
        if (partitions is < 1 or > 64)
            throw new InvalidDataException($"Job {Run.Name} of plugin {Run.Plugin} wants {partitions} partitions: 1 to 64 are allowed.");
        await rows.LayOutAsync(Run, partitions, stop);
        isWoken = true;
        return false;
    }

    async Task<bool> FinishAsync(JobRun run, CancellationToken stop)
    {
        var undone = await rows.UndoneAsync(Run, stop);
        foreach (var partition in undone)
            await GrainFactory.GetGrain<IJobPartitionGrain>(PartitionKey.Of(Run, partition)).Wake();
        if (undone.Count > 0)
            return false;

        await plugins.Job(Run.Plugin, Run.Name).FinishAsync(run, stop);
        await rows.FinishAsync(Run, stop);
        return true;
    }

    void Next(TimeSpan pause) => steps?.Change(pause, Timeout.InfiniteTimeSpan);

    async Task EndAsync()
    {
        if (reminder is null)
            reminder = await this.GetReminder(Reminder);
        if (reminder is not null)
            await this.UnregisterReminder(reminder);
        DeactivateOnIdle();
    }

    async Task NoteAsync(Exception cause, CancellationToken stop)
    {
        try
        {
            await rows.NoteAsync(Run, cause.Message, stop);
        }
        catch (Exception second) // The database may be what failed; the log has both.
        {
            Failed(log, second, Run);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A step of run {Run} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, PluginKey run);
}
