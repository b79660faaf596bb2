using IspHost.Core.Tenancy;
using IspHost.Sdk;

namespace IspHost.Core.Jobs;

/// <summary>The tables of runs and their partitions: the truth about what is done.</summary>
/// <remarks>Every change says in its condition what it relies on, so two nodes that work on one run cannot undo each other's.</remarks>
sealed class JobRows(TenantSql sql)
{
    const string TheRun = "tenant_id = $1 and plugin = $2 and job = $3 and key = $4";
    const int LongestError = 2000;

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

    public Task<List<JobRow>> LatestAsync(TenantId tenant, int count, CancellationToken stop)
        => sql.ReadAsync(
            tenant,
            $"select {JobRow.Columns} where r.tenant_id = $1 order by r.started_at desc, r.plugin, r.job, r.key limit $2",
            JobRow.Read, stop, tenant.Value, count);

    public Task<List<PluginKey>> RunningAsync(TenantId tenant, CancellationToken stop)
        => sql.ReadAsync(
            tenant,
            "select plugin, job, key from host.job_run where tenant_id = $1 and state = 'running'",
            row => new PluginKey(tenant, row.GetString(0), row.GetString(1), row.GetString(2)),
            stop, tenant.Value);

    /// <summary>Lays out the partitions. Of two that do so, the second changes nothing.</summary>
    public Task LayOutAsync(PluginKey run, int partitions, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            with laid as (
              update host.job_run set partitions = $5, error = null
              where {TheRun} and state = 'running' and partitions = 0 returning 1)
            insert into host.job_partition (tenant_id, plugin, job, key, partition)
            select $1, $2, $3, $4, partition from laid, generate_series(0, $5 - 1) partition
            """,
            stop, [.. Named(run), partitions]);

    public Task<List<int>> UndoneAsync(PluginKey run, CancellationToken stop)
        => sql.ReadAsync(
            run.Tenant,
            $"select partition from host.job_partition where {TheRun} and done_at is null order by partition",
            row => row.GetInt32(0), stop, Named(run));

    public Task FinishAsync(PluginKey run, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_run set state = 'done', finished_at = now(), error = null where {TheRun} and state = 'running'",
            stop, Named(run));

    public Task FailAsync(PluginKey run, string reason, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_run set state = 'failed', finished_at = now(), error = $5 where {TheRun} and state = 'running'",
            stop, [.. Named(run), Shortened(reason)]);

    /// <summary>Keeps why laying out or finishing failed, for whoever looks.</summary>
    public Task NoteAsync(PluginKey run, string error, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_run set error = $5 where {TheRun} and state = 'running'",
            stop, [.. Named(run), Shortened(error)]);

    /// <summary>The argument of the run, if the partition is still to be worked on.</summary>
    public async Task<OpenPartition?> OpenAsync(PluginKey run, int partition, CancellationToken stop)
    {
        var rows = await sql.ReadAsync(
            run.Tenant,
            $"""
            select argument, p.error is not null
            from host.job_run join host.job_partition p using (tenant_id, plugin, job, key)
            where {TheRun} and partition = $5 and state = 'running' and done_at is null
            """,
            row => new OpenPartition(row.GetString(0), row.GetBoolean(1)), stop, [.. Named(run), partition]);
        return rows.SingleOrDefault();
    }

    public Task DoneAsync(PluginKey run, int partition, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"""
            update host.job_partition set done_at = now(), error = null, failures = 0
            where {TheRun} and partition = $5 and done_at is null
            """,
            stop, [.. Named(run), partition]);

    public Task ClearAsync(PluginKey run, int partition, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_partition set error = null, failures = 0 where {TheRun} and partition = $5 and error is not null",
            stop, [.. Named(run), partition]);

    public Task NoteAsync(PluginKey run, int partition, int failures, string error, CancellationToken stop)
        => sql.ExecuteAsync(
            run.Tenant,
            $"update host.job_partition set error = $6, failures = $7 where {TheRun} and partition = $5 and done_at is null",
            stop, [.. Named(run), partition, Shortened(error), failures]);

    static object[] Named(PluginKey run) => [run.Tenant.Value, run.Plugin, run.Name, run.Id];

    static string Shortened(string error) => error.Length <= LongestError ? error : error[..LongestError];
}

/// <summary>A partition that is not done.</summary>
/// <param name="Argument">The run's.</param>
/// <param name="HasError">Whether a failure of it is on display.</param>
sealed record OpenPartition(string Argument, bool HasError);
