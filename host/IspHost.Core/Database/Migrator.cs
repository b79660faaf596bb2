using IspHost.PluginRuntime;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>Brings the host's schemas up to date as their owner. Of two that run at once, one waits and then finds nothing to do.</summary>
/// <remarks>Those of plugins: <see cref="PluginSchema"/>.</remarks>
public sealed class Migrator(NpgsqlDataSource owner)
{
    /// <summary>The role whose rights the application has. It owns nothing.</summary>
    public const string ApplicationRole = "isphost_app";

    /// <summary>The role whose rights all plugins have at work.</summary>
    internal const string PluginRole = "isphost_plugin";

    /// <summary>The role whose rights all owners of plugins' schemas have.</summary>
    internal const string PluginOwnerRole = "isphost_plugin_owner";

    /// <summary>Runs the scripts that have not run yet, each in a transaction of its own.</summary>
    /// <returns>The names of those that ran.</returns>
    /// <exception cref="MigrationException">A script fails, or one that has run has been edited.</exception>
    public async Task<IReadOnlyList<string>> UpgradeAsync(SchemaScripts scripts, CancellationToken cancellationToken)
    {
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        try
        {
            await PrepareAsync(connection, scripts.Schema, cancellationToken);
            var missing = await MissingAsync(connection, scripts, cancellationToken);
            foreach (var script in missing)
                await RunAsync(connection, scripts.Schema, script, cancellationToken);
            return [.. missing.Select(script => script.Name)];
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    /// <summary>The scripts that would run.</summary>
    /// <exception cref="MigrationException">One that has run has been edited.</exception>
    public static async Task<IReadOnlyList<SchemaScript>> MissingAsync(
        NpgsqlDataSource database, SchemaScripts scripts, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await MissingAsync(connection, scripts, cancellationToken);
    }

    internal static async Task<IReadOnlyList<SchemaScript>> MissingAsync(
        NpgsqlConnection connection, SchemaScripts scripts, CancellationToken cancellationToken)
    {
        var done = await DoneAsync(connection, scripts.Schema, cancellationToken);
        var edited = scripts.Scripts.FirstOrDefault(
            script => done.TryGetValue(script.Number, out var hash) && !hash.AsSpan().SequenceEqual(script.Hash));
        return edited is null
            ? [.. scripts.Scripts.Where(script => !done.ContainsKey(script.Number))]
            : throw new MigrationException(
                $"{edited.Name} of schema {scripts.Schema} has run before with another text: add a new script instead.");
    }

    internal static Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
        => ExecuteAsync(connection, "select pg_advisory_lock(hashtext('isphost.migrations'))", cancellationToken);

    internal static Task UnlockAsync(NpgsqlConnection connection)
        => ExecuteAsync(connection, "select pg_advisory_unlock(hashtext('isphost.migrations'))", CancellationToken.None);

    /// <summary>Runs the text of a script in the connection's present transaction.</summary>
    /// <exception cref="MigrationException">It fails.</exception>
    internal static async Task ExecuteAsync(
        NpgsqlConnection connection, string schema, SchemaScript script, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, script.Sql, cancellationToken);
        }
        catch (PostgresException cause)
        {
            throw new MigrationException($"{script.Name} of schema {schema} failed: {cause.MessageText} ({cause.SqlState}).", cause);
        }
    }

    static async Task RunAsync(NpgsqlConnection connection, string schema, SchemaScript script, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, schema, script, cancellationToken);
        await using var note = new NpgsqlCommand(
            "insert into host.migration (schema, number, name, hash) values ($1, $2, $3, $4)", connection);
        note.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        note.Parameters.Add(new NpgsqlParameter<int> { TypedValue = script.Number });
        note.Parameters.Add(new NpgsqlParameter<string> { TypedValue = script.Name });
        note.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = script.Hash });
        await note.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Makes the roles, the schema and the list of what has run. Tables made later are the application's to read and write at once;
    /// a script takes back what is append-only.
    /// </summary>
    static Task PrepareAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
        => ExecuteAsync(connection, $"""
            set client_min_messages = warning;
            {Role(ApplicationRole)}
            {Role(PluginRole)}
            {Role(PluginOwnerRole)}
            create schema if not exists host;
            create table if not exists host.migration (
              schema text, number int, name text not null, hash bytea not null, ran_at timestamptz not null default now(),
              primary key (schema, number));
            grant select on host.migration to {ApplicationRole};
            create schema if not exists {schema};
            grant usage on schema host, {schema} to {ApplicationRole};
            alter default privileges in schema {schema} grant select, insert, update, delete on tables to {ApplicationRole};
            alter default privileges in schema {schema} grant usage on sequences to {ApplicationRole};
            """, cancellationToken);

    static string Role(string name) => $"""
        do $$ begin
          create role {name} nologin nosuperuser nocreatedb nocreaterole nobypassrls;
        exception when duplicate_object or unique_violation then
          -- Roles belong to the whole PostgreSQL: another of its databases has made it, maybe just now.
          null;
        end $$;
        """;

    static async Task<Dictionary<int, byte[]>> DoneAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select number, hash from host.migration where schema = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var done = new Dictionary<int, byte[]>();
        while (await reader.ReadAsync(cancellationToken))
            done.Add(reader.GetInt32(0), reader.GetFieldValue<byte[]>(1));
        return done;
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A schema cannot be brought up to date. The message is one line for the operator.</summary>
public sealed class MigrationException(string message, Exception? cause = null) : Exception(message, cause);
