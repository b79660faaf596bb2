using System.Diagnostics.CodeAnalysis;
using IspHost.Sdk;
using NodaTime;
using NodaTime.Text;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>The run that bills a calendar month.</summary>
sealed record BillRun
{
    static readonly YearMonthPattern Pattern = YearMonthPattern.Iso;

    public required Guid Id { get; init; }

    public required DateRange Period { get; init; }

    public required string State { get; init; }

    /// <summary>How often it was started: once, and once more for each retry of what was parked.</summary>
    public required short Attempt { get; init; }

    /// <summary>Into how many partitions the customers fall; 0 until they have been laid out.</summary>
    public required short Partitions { get; init; }

    public required Instant StartedAt { get; init; }

    public Instant? FinishedAt { get; init; }

    /// <summary>What came of it, a <see cref="RunOutcome"/> as JSON; null until it has ended.</summary>
    public string? Outcome { get; init; }

    /// <summary>The name of the present attempt among the host's jobs: <c>2026-10</c>, then <c>2026-10-retry-2</c>.</summary>
    public string JobKey => Attempt == 1 ? NameOf(Period) : $"{NameOf(Period)}-retry-{Attempt}";

    public static string NameOf(DateRange period) => Pattern.Format(period.Start.ToYearMonth());

    /// <summary>Reads <c>2026-10</c>.</summary>
    public static bool TryParsePeriod(string? text, [NotNullWhen(true)] out DateRange? period)
    {
        period = text is not null && Pattern.Parse(text) is { Success: true } month ? DateRange.Month(month.Value) : null;
        return period is not null;
    }

    /// <summary>Makes the run, or finds the one that there is.</summary>
    public static async Task<BillRun> OpenAsync(
        NpgsqlConnection connection, TenantId tenant, DateRange period, Instant now, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("""
            with made as (
              insert into billing.bill_run (tenant_id, id, kind, period, started_at) values ($1, $2, 'monthly', daterange($3, $4), $5)
              on conflict (tenant_id, kind, period) do nothing returning tenant_id, id)
            insert into billing.recent_run (tenant_id, run_id) select tenant_id, id from made
            """,
            [Arg(tenant.Value), Arg(Guid.CreateVersion7()), Arg(period.Start), Arg(period.End), Arg(now)], cancellationToken);
        return await FindAsync(connection, tenant, period, cancellationToken)
            ?? throw new InvalidOperationException($"The run for {period} is gone.");
    }

    public static async Task<BillRun?> FindAsync(
        NpgsqlConnection connection, TenantId tenant, DateRange period, CancellationToken cancellationToken)
        => (await connection.ReadAsync($"{Select} and period = daterange($2, $3)",
            [Arg(tenant.Value), Arg(period.Start), Arg(period.End)], Row, cancellationToken)).SingleOrDefault();

    public static async Task<BillRun?> FindAsync(
        NpgsqlConnection connection, TenantId tenant, Guid run, CancellationToken cancellationToken)
        => (await connection.ReadAsync($"{Select} and id = $2", [Arg(tenant.Value), Arg(run)], Row, cancellationToken)).SingleOrDefault();

    /// <summary>The latest runs first.</summary>
    public static Task<List<BillRun>> LatestAsync(
        NpgsqlConnection connection, TenantId tenant, LocalDate? before, int limit, CancellationToken cancellationToken)
        => connection.ReadAsync(
            $"{Select} and lower(period) < coalesce($3, 'infinity') order by lower(period) desc limit $2",
            [
                Arg(tenant.Value), Arg(limit),
                new() { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Date },
            ],
            Row, cancellationToken);

    const string Select = """
        select id, lower(period), upper(period), state, attempt, coalesce(partitions, 0::smallint), started_at, finished_at, outcome
        from billing.bill_run where tenant_id = $1 and kind = 'monthly'
        """;

    static BillRun Row(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Period = new(row.Date(1), row.Date(2)),
        State = row.GetString(3),
        Attempt = row.GetInt16(4),
        Partitions = row.GetInt16(5),
        StartedAt = row.GetFieldValue<Instant>(6),
        FinishedAt = row.IsDBNull(7) ? null : row.GetFieldValue<Instant>(7),
        Outcome = row.Text(8),
    };
}
