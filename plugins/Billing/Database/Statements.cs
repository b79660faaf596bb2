using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Billing;

/// <summary>Short ways to say a statement with its arguments, which are <c>$1</c>, <c>$2</c> and so on in the text.</summary>
static class Statements
{
    /// <summary>An argument, or a whole column for <c>unnest</c>.</summary>
    public static NpgsqlParameter Arg<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    extension(NpgsqlConnection connection)
    {
        public NpgsqlCommand Statement(string sql, params ReadOnlySpan<NpgsqlParameter> arguments)
        {
            var command = new NpgsqlCommand(sql, connection);
            foreach (var argument in arguments)
                command.Parameters.Add(argument);
            return command;
        }

        public async Task<int> ExecuteAsync(string sql, NpgsqlParameter[] arguments, CancellationToken cancellationToken)
        {
            await using var command = connection.Statement(sql, arguments);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        public Task<List<T>> ReadAsync<T>(
            string sql, NpgsqlParameter[] arguments, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
            => connection.ReadAsync(sql, arguments, row, connection.CommandTimeout, cancellationToken);

        /// <summary>For a statement that PostgreSQL itself ends in time.</summary>
        public Task<List<T>> ReadAllAsync<T>(
            string sql, NpgsqlParameter[] arguments, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
            => connection.ReadAsync(sql, arguments, row, seconds: 30, cancellationToken);

        async Task<List<T>> ReadAsync<T>(
            string sql, NpgsqlParameter[] arguments, Func<NpgsqlDataReader, T> row, int seconds, CancellationToken cancellationToken)
        {
            await using var command = connection.Statement(sql, arguments);
            command.CommandTimeout = seconds;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(row(reader));
            return rows;
        }
    }

    extension(NpgsqlBatch batch)
    {
        public void Add(string sql, params ReadOnlySpan<NpgsqlParameter> arguments)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var argument in arguments)
                command.Parameters.Add(argument);
            batch.BatchCommands.Add(command);
        }
    }

    extension(NpgsqlDataReader reader)
    {
        public LocalDate Date(int column) => reader.GetFieldValue<LocalDate>(column);

        public string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
