using IspHost.Sdk.Jobs;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Jobs;

/// <summary>A run as it is stored.</summary>
public sealed record JobRow
{
    /// <summary>The plugin whose job it is.</summary>
    public required string Plugin { get; init; }

    /// <summary>The name that the plugin gave the job.</summary>
    public required string Job { get; init; }

    /// <summary>Names the run.</summary>
    public required string Key { get; init; }

    /// <summary>What the starter passed on.</summary>
    public required string Argument { get; init; }

    /// <summary>When it was first started.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>When it was done or failed; null while it runs.</summary>
    public Instant? FinishedAt { get; init; }

    /// <summary>How far it is.</summary>
    public required JobStatus Status { get; init; }

    internal const string Columns = """
        r.plugin, r.job, r.key, r.argument, r.started_at, r.finished_at, r.state, r.partitions, p.done, coalesce(r.error, p.error)
        from host.job_run r cross join lateral (
          select count(*) filter (where done_at is not null)::int as done, max(error) as error
          from host.job_partition p
          where (p.tenant_id, p.plugin, p.job, p.key) = (r.tenant_id, r.plugin, r.job, r.key)) p
        """;

    internal static JobRow Read(NpgsqlDataReader row) => new()
    {
        Plugin = row.GetString(0),
        Job = row.GetString(1),
        Key = row.GetString(2),
        Argument = row.GetString(3),
        StartedAt = row.GetFieldValue<Instant>(4),
        FinishedAt = row.IsDBNull(5) ? null : row.GetFieldValue<Instant>(5),
        Status = new JobStatus
        {
            State = Enum.Parse<JobState>(row.GetString(6), ignoreCase: true),
            Partitions = row.GetInt32(7),
            PartitionsDone = row.GetInt32(8),
            Error = row.IsDBNull(9) ? null : row.GetString(9),
        },
    };
}
