using IspHost.Sdk;
using Npgsql;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>One statement that inserts many rows, each column as an array.</summary>
/// <remarks>COPY would do the same, but row-level security does not allow it.</remarks>
sealed class BulkInsert<TRow>(string table, IReadOnlyCollection<TRow> rows)
{
    readonly List<string> columns = [];
    readonly List<string> values = [];
    readonly List<string> arrays = [];
    readonly List<NpgsqlParameter> arguments = [];
    string onConflict = "";

    /// <summary>A column that is the same in all rows.</summary>
    public BulkInsert<TRow> All<TValue>(string column, TValue value)
    {
        columns.Add(column);
        values.Add(Next(Arg(value)));
        return this;
    }

    /// <summary>A column with a value of its own in each row.</summary>
    public BulkInsert<TRow> Each<TValue>(string column, Func<TRow, TValue> value)
    {
        columns.Add(column);
        values.Add(Array(value));
        return this;
    }

    /// <summary>A column of type daterange.</summary>
    public BulkInsert<TRow> Days(string column, Func<TRow, DateRange> days)
    {
        columns.Add(column);
        values.Add($"daterange({Array(row => days(row).Start)}, {Array(row => days(row).End)})");
        return this;
    }

    /// <summary>A column of type json, from its text.</summary>
    public BulkInsert<TRow> Json(string column, Func<TRow, string> text)
    {
        columns.Add(column);
        values.Add($"{Array(text)}::json");
        return this;
    }

    /// <summary>Leaves rows as they are that are there already.</summary>
    public BulkInsert<TRow> UnlessThere()
    {
        onConflict = " on conflict do nothing";
        return this;
    }

    public void AddTo(NpgsqlBatch batch)
    {
        if (rows.Count == 0)
            return;
        var names = Enumerable.Range(0, arrays.Count).Select(NameOf);
        batch.Add(
            $"insert into {table} ({string.Join(", ", columns)}) select {string.Join(", ", values)} "
            + $"from unnest({string.Join(", ", arrays)}) as row ({string.Join(", ", names)}){onConflict}",
            [.. arguments]);
    }

    string Array<TValue>(Func<TRow, TValue> value)
    {
        arrays.Add(Next(Arg(rows.Select(value).ToArray())));
        return NameOf(arrays.Count - 1);
    }

    string Next(NpgsqlParameter argument)
    {
        arguments.Add(argument);
        return $"${arguments.Count}";
    }

    static string NameOf(int index) => $"c{index}";
}
