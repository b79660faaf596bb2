using System.Globalization;
using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using IspHost.Sdk.Jobs;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace IspHost.Core.Jobs;

/// <summary>Works on one partition of a run, piece by piece. Keyed tenant/plugin/job/partition/key.</summary>
interface IJobPartitionGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that somewhere a node works on the partition.</summary>
    [OneWay]
    Task Wake();
}

/// <summary>A partition's key.</summary>
static class PartitionKey
{
    public static string Of(PluginKey run, int partition)
        => (run with { Id = string.Create(CultureInfo.InvariantCulture, $"{partition}/{run.Id}") }).ToString();

    public static (PluginKey Run, int Partition) Parse(GrainId grain)
    {
        var key = PluginKey.Of(grain);
        var end = key.Id.IndexOf('/', StringComparison.Ordinal);
        return (key with { Id = key.Id[(end + 1)..] }, int.Parse(key.Id.AsSpan(0, end), CultureInfo.InvariantCulture));
    }
}

/// <remarks>Placed at random: by default all would land on the node that starts the run.</remarks>
[RandomPlacement]
sealed partial class JobPartitionGrain(JobRows rows, IPluginWork plugins, JobOptions options, ILogger<JobPartitionGrain> log)
    : Grain, IJobPartitionGrain, ITenantBound
{
    IGrainTimer? pieces;
    int setbacks;
    PluginKey run;
    int partition;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (run, partition) = PartitionKey.Parse(this.GetGrainId());
        pieces = this.RegisterGrainTimer(WorkAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan)
        {
            Interleave = true, // A piece takes seconds, and wake-ups must not wait for it.
            KeepAlive = true,
        });
        return Task.CompletedTask;
    }

    /// <summary>Nothing is left to do here: being active is being at work.</summary>
    public Task Wake() => Task.CompletedTask;

    async Task WorkAsync(CancellationToken stop)
    {
        try
        {
            var step = await PieceAsync(stop);
            if (step is JobStep.Later later)
                await PauseAsync(later.Reason, stop);
            else if (step is JobStep.More)
                GoOn();
            else
                await EndAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // This node is stopping; another one takes over.
        }
        catch (Exception cause) // The boundary to the plugin and the database. What failed is tried again.
        {
            Failed(log, cause, partition, run);
            await PauseAsync(cause.Message, stop);
        }
    }

    async Task<JobStep> PieceAsync(CancellationToken stop)
    {
        if (await rows.OpenAsync(run, partition, stop) is not { } open)
            return new JobStep.Done();

        try
        {
            var step = await plugins.Job(run.Plugin, run.Name).RunAsync(
                new JobRun { Tenant = run.Tenant, Key = run.Id, Argument = open.Argument }, partition, stop);
            if (step is JobStep.Done)
                await rows.DoneAsync(run, partition, stop);
            else if (step is JobStep.More && open.HasError)
                await rows.ClearAsync(run, partition, stop);
            return step;
        }
        catch (JobRefusedException refused)
        {
            await rows.FailAsync(run, refused.Message, stop);
            return new JobStep.Done();
        }
    }

    void GoOn()
    {
        setbacks = 0;
        Next(TimeSpan.Zero);
    }

    async Task PauseAsync(string reason, CancellationToken stop)
    {
        setbacks++;
        await NoteAsync(reason, stop);
        Next(options.Retry.After(setbacks));
    }

    void Next(TimeSpan pause) => pieces?.Change(pause, Timeout.InfiniteTimeSpan);

    async Task EndAsync()
    {
        await GrainFactory.GetGrain<IJobGrain>(run.ToString()).Wake();
        DeactivateOnIdle();
    }

    async Task NoteAsync(string reason, CancellationToken stop)
    {
        try
        {
            await rows.NoteAsync(run, partition, setbacks, reason, stop);
        }
        catch (Exception second) // The database may be what failed; the log has both.
        {
            Failed(log, second, partition, run);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A piece of partition {Partition} of run {Run} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, int partition, PluginKey run);
}
