namespace IspHost.Sdk.Jobs;

/// <summary>Work too long for one call: a bill run over all accounts.</summary>
/// <remarks>
/// What is left to do is a query on the plugin's own tables, never something remembered: the host may call for the same piece
/// twice, from two nodes at once, or after a crash, and the database must make that harmless.
/// </remarks>
public interface IJob
{
    /// <summary>Lays out the work. Called before the first piece, and again if the node died meanwhile.</summary>
    /// <returns>Into how many partitions the work falls, 1 to 64: they run beside each other, on all nodes.</returns>
    /// <exception cref="JobRefusedException">The argument makes no sense; the job ends as failed, with this reason.</exception>
    Task<int> PrepareAsync(JobRun run, CancellationToken cancellationToken);

    /// <summary>Does the next piece of one partition: a few seconds of work.</summary>
    /// <remarks>
    /// An exception is retried with growing pauses, and counts against the job. Where nothing is broken and it is only too early,
    /// the answer is <see cref="JobStep.Later"/>.
    /// </remarks>
    Task<JobStep> RunAsync(JobRun run, int partition, CancellationToken cancellationToken);

    /// <summary>Called once all partitions are done; may be called again.</summary>
    Task FinishAsync(JobRun run, CancellationToken cancellationToken);
}

/// <summary>One run of a job.</summary>
public sealed record JobRun
{
    /// <summary>For whom.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Names the run within tenant and job: a second start with the same key finds the first.</summary>
    public required string Key { get; init; }

    /// <summary>What the starter passed on, at most 1,000 characters.</summary>
    public string Argument { get; init; } = "";
}

/// <summary>What came of a piece.</summary>
public abstract record JobStep
{
    JobStep() { }

    /// <summary>There is more: call again.</summary>
    public sealed record More : JobStep;

    /// <summary>The partition is done.</summary>
    public sealed record Done : JobStep;

    /// <summary>There is more, but nothing can be done about it now: call again after a pause, each time a longer one.</summary>
    /// <param name="Reason">For staff: what the rest waits for.</param>
    public sealed record Later(string Reason) : JobStep;
}

/// <summary>A job cannot do what it was asked for.</summary>
public sealed class JobRefusedException(string reason) : Exception(reason);

/// <summary>Starts jobs and looks after them.</summary>
[HostService]
public interface IJobs
{
    /// <summary>Starts a run of one of the caller's own jobs, or finds the one that has this key.</summary>
    /// <param name="job">The name under which the plugin added the job.</param>
    /// <param name="run">What to run.</param>
    /// <param name="cancellationToken">Stops the call, not the run.</param>
    Task<JobStatus> StartAsync(string job, JobRun run, CancellationToken cancellationToken);

    /// <summary>How far a run of one of the caller's own jobs is; null if there is none.</summary>
    Task<JobStatus?> FindAsync(TenantId tenant, string job, string key, CancellationToken cancellationToken);
}

/// <summary>How far a run is.</summary>
public sealed record JobStatus
{
    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>How many partitions there are; 0 until they are known.</summary>
    public required int Partitions { get; init; }

    /// <summary>How many are done.</summary>
    public required int PartitionsDone { get; init; }

    /// <summary>Why it failed, or why the last piece had to be retried; null if all went well.</summary>
    public string? Error { get; init; }
}

/// <summary>Where a run stands.</summary>
public enum JobState
{
    /// <summary>Going on, or waiting for a node.</summary>
    Running,

    /// <summary>All partitions are done.</summary>
    Done,

    /// <summary>Refused: it will not go on.</summary>
    Failed,
}
