using Npgsql;

namespace IspHost.Core.Database;

/// <summary>What the code of a plugin may rely on in its schema: tables, columns, functions, and which columns it need not fill.</summary>
sealed class SchemaShape
{
    readonly HashSet<string> things = new(StringComparer.Ordinal);
    readonly HashSet<(string Relation, string Column)> demands = [];

    public static async Task<SchemaShape> ReadAsync(NpgsqlConnection connection, string schema, CancellationToken stop)
    {
        var shape = new SchemaShape();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { Of("select * from host.shape($1)", schema), Of("select * from host.demands($1)", schema) },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
            shape.things.Add(reader.GetString(0));
        await reader.NextResultAsync(stop);
        while (await reader.ReadAsync(stop))
            shape.demands.Add((reader.GetString(0), reader.GetString(1)));
        return shape;
    }

    /// <summary>What code that was written for this shape would miss in the next one; null if it works on.</summary>
    public string? MissingIn(SchemaShape next)
    {
        if (things.Except(next.things).Order(StringComparer.Ordinal).FirstOrDefault() is { } gone)
            return $"there is no {gone} any more";
        var demanded = next.demands.Except(demands).Where(demand => things.Contains($"table {demand.Relation}")).Order().ToList();
        return demanded.Count > 0 ? $"{demanded[0].Relation}.{demanded[0].Column} must be filled, and was not before" : null;
    }

    static NpgsqlBatchCommand Of(string sql, string schema)
        => new(sql) { Parameters = { new NpgsqlParameter<string> { TypedValue = schema } } };
}
