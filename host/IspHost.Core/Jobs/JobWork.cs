using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk.Jobs;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Jobs;

/// <summary>Leads runs from their layout to their end, a step or a piece at a time.</summary>
/// <remarks>
/// It remembers nothing: what comes next stands in the tables. So a node may die anywhere, and two that work on one partition, which
/// a lease that ended too early allows, only do some work twice. A piece that leaves more to do goes behind those of other tenants.
/// </remarks>
sealed partial class JobWork(JobRows rows, IPluginWork plugins, Turns turns, JobOptions options, ILogger<JobWork> log) : IDueWork
{
    const string Kind = "job";
    const int TheRun = -1;

    readonly Places places = new(options.AtOnce);

    public IEnumerable<(Lane Lane, Places Places)> Lanes
        => plugins.JobNames.Select(job => (new Lane(Kind, job.Plugin, job.Name), places));

    public async Task<bool> DoAsync(DueItem item, CancellationToken stop)
    {
        var run = new PluginKey(item.Tenant, item.Lane.Plugin, item.Lane.Name, item.Id);
        using var turn = await turns.TakeAsync(stop);
        try
        {
            return item.Part == TheRun ? await StepAsync(run, stop) : await PieceAsync(run, item.Part, stop);
        }
        catch (JobRefusedException refused)
        {
            await rows.FailAsync(run, refused.Message, CancellationToken.None);
        }
        catch (Exception cause) when (!stop.IsCancellationRequested) // The boundary to the plugin. What failed is tried again.
        {
            Failed(log, cause, run, item.Part);
            await (item.Part == TheRun
                ? rows.FailedAsync(run, cause.Message, options.Retry, CancellationToken.None)
                : rows.FailedAsync(run, item.Part, cause.Message, options.Retry, CancellationToken.None));
        }
        return true;
    }

    async Task<bool> StepAsync(PluginKey run, CancellationToken stop)
    {
        if (await rows.FindAsync(run, stop) is not { Status: { State: JobState.Running } status } row)
            return false;
        if (status.Partitions == 0)
            await LayOutAsync(run, row.Argument, stop);
        else
            await FinishAsync(run, row.Argument, stop);
        return true;
    }

    async Task LayOutAsync(PluginKey run, string argument, CancellationToken stop)
    {
        var partitions = await plugins.Job(run.Plugin, run.Name).PrepareAsync(RunOf(run, argument), stop);
        if (partitions is < 1 or > 64)
            throw new InvalidDataException($"Job {run.Name} of plugin {run.Plugin} wants {partitions} partitions: 1 to 64 are allowed.");
        await rows.LayOutAsync(run, partitions, stop);
    }

    async Task FinishAsync(PluginKey run, string argument, CancellationToken stop)
    {
        await plugins.Job(run.Plugin, run.Name).FinishAsync(RunOf(run, argument), stop);
        await rows.FinishAsync(run, stop);
    }

    async Task<bool> PieceAsync(PluginKey run, int partition, CancellationToken stop)
    {
        if (await rows.ArgumentAsync(run, partition, stop) is not { } argument)
            return false;
        var step = await plugins.Job(run.Plugin, run.Name).RunAsync(RunOf(run, argument), partition, stop);
        await (step switch
        {
            JobStep.Done => rows.DoneAsync(run, partition, CancellationToken.None),
            JobStep.Later(var reason) => rows.WaitAsync(run, partition, reason, options.Retry, CancellationToken.None),
            _ => rows.GoOnAsync(run, partition, CancellationToken.None),
        });
        return true;
    }

    static JobRun RunOf(PluginKey run, string argument) => new() { Tenant = run.Tenant, Key = run.Id, Argument = argument };

    [LoggerMessage(LogLevel.Warning, "Part {Part} of run {Run} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, PluginKey run, int part);
}
