using IspHost.Core.Tenancy;
using IspHost.Core.Work;

namespace IspHost.Core.Jobs;

/// <summary>The tables of runs and their partitions: the truth about what is done.</summary>
/// <remarks>Every change says in its condition what it relies on, so two nodes that work on one run cannot undo each other's.</remarks>
sealed class JobRows(TenantSql sql)
{
    const string TheRun = "tenant_id = $1 and plugin = $2 and job = $3 and key = $4";

    public Task<int> AddAsync(PluginKey run, string argument, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            "insert into host.job_run (tenant_id, plugin, job, key, argument) values ($1, $2, $3, $4, $5) on conflict do nothing",
            stop, [.. Named(run), argument]);

    public async Task<JobRow?> FindAsync(PluginKey run, CancellationToken stop)
    {
        var rows = await sql.ReadAsync(
            run.Tenant,
            $"select {JobRow.Columns} where r.tenant_id = $1 and r.plugin = $2 and r.job = $3 and r.key = $4",
            JobRow.Read, stop, Named(run));
        return rows.SingleOrDefault();
    }

    /// <summary>Lays out the partitions. Of two that do so, the second changes nothing.</summary>
    public Task LayOutAsync(PluginKey run, int partitions, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            with laid as (
              update host.job_run set partitions = $5, open = $5, failures = 0, error = null
              where {TheRun} and state = 'running' and partitions = 0 returning 1)
            insert into host.job_partition (tenant_id, plugin, job, key, partition)
            select $1, $2, $3, $4, partition from laid, generate_series(0, $5 - 1) partition
            """,
            stop, [.. Named(run), partitions]);

    public Task FinishAsync(PluginKey run, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_run set state = 'done', finished_at = now(), error = null where {TheRun} and state = 'running'",
            stop, Named(run));

    public Task FailAsync(PluginKey run, string reason, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_run set state = 'failed', finished_at = now(), error = $5 where {TheRun} and state = 'running'",
            stop, [.. Named(run), StoredError.Of(reason)]);

    /// <summary>Laying out or finishing failed, and is tried again after a pause.</summary>
    public Task FailedAsync(PluginKey run, string error, Backoff pauses, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            update host.job_run set error = $5, failures = failures + 1, next_at = now() + {Pause("failures")}
            where {TheRun} and state = 'running'
            """,
            stop, [.. Named(run), StoredError.Of(error), .. Of(pauses)]);

    /// <summary>The argument of the run, if the partition is still to be worked on.</summary>
    public async Task<string?> ArgumentAsync(PluginKey run, int partition, CancellationToken stop)
    {
        var rows = await sql.ReadAsync(
            run.Tenant,
            $"""
            select argument from host.job_run join host.job_partition p using (tenant_id, plugin, job, key)
            where {TheRun} and partition = $5 and state = 'running' and done_at is null
            """,
            row => row.GetString(0), stop, [.. Named(run), partition]);
        return rows.SingleOrDefault();
    }

    /// <summary>A partition has no more pieces. The run is due again when this was its last one.</summary>
    public Task DoneAsync(PluginKey run, int partition, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            with done as (
              update host.job_partition set done_at = now(), error = null, failures = 0, waits = 0
              where {TheRun} and partition = $5 and done_at is null returning 1)
            update host.job_run set open = open - 1 where {TheRun} and exists (select from done)
            """,
            stop, [.. Named(run), partition]);

    /// <summary>A piece is done, and the partition's next one comes behind what is due already.</summary>
    public Task GoOnAsync(PluginKey run, int partition, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            update host.job_partition set next_at = now(), error = null, failures = 0, waits = 0
            where {TheRun} and partition = $5 and done_at is null
            """,
            stop, [.. Named(run), partition]);

    /// <summary>A piece failed, and is tried again after a pause.</summary>
    public Task FailedAsync(PluginKey run, int partition, string error, Backoff pauses, CancellationToken stop)
        => PutOffAsync(run, partition, error, "failures", pauses, stop);

    /// <summary>The job asks for time: nothing has failed, and the next call comes after a pause.</summary>
    public Task WaitAsync(PluginKey run, int partition, string reason, Backoff pauses, CancellationToken stop)
        => PutOffAsync(run, partition, reason, "waits", pauses, stop);

    Task<int> PutOffAsync(PluginKey run, int partition, string reason, string counter, Backoff pauses, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            update host.job_partition set error = $5, {counter} = {counter} + 1, next_at = now() + {Pause(counter)}
            where {TheRun} and partition = $8 and done_at is null
            """,
            stop, [.. Named(run), StoredError.Of(reason), .. Of(pauses), partition]);

    static string Pause(string times) => Backoff.Sql(times, "$6", "$7");

    static object[] Of(Backoff pauses) => [pauses.First.TotalSeconds, pauses.Longest.TotalSeconds];

    static object[] Named(PluginKey run) => [run.Tenant.Value, run.Plugin, run.Name, run.Id];
}
