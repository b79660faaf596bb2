using System.Security.Cryptography;
using IspHost.PluginRuntime;
using Npgsql;
using NuGet.Versioning;

namespace IspHost.Core.Database;

/// <summary>Brings a plugin's schema up to date as the role that owns it, and opens it to the role that the plugin works as.</summary>
/// <remarks>
/// Roles belong to the whole PostgreSQL, so their names have the number of the database. All scripts that have not run yet are one
/// transaction, which ends with <c>host.open_schema</c>: a script that fails, or leaves a table open to all tenants, leaves nothing behind.
/// So does one that takes something away, unless it says from which version on nobody uses it, and none before that serves.
/// </remarks>
sealed class PluginSchema(NpgsqlDataSource database, SchemaScripts scripts, NuGetVersion? serving)
{
    readonly string schema = scripts.Schema;

    /// <returns>The names of the scripts that ran.</returns>
    /// <exception cref="MigrationException">A script fails, or one that has run has been edited, or a table would be open.</exception>
    public async Task<IReadOnlyList<string>> UpgradeAsync(CancellationToken stop)
    {
        await using var connection = await database.OpenConnectionAsync(stop);
        await Migrator.LockAsync(connection, stop);
        try
        {
            var (worker, owner) = await EnsureRolesAsync(connection, stop);
            await EnsureSchemaAsync(connection, worker, owner.Role, stop);
            return await RunAsync(connection, worker, owner, stop);
        }
        finally
        {
            await Migrator.UnlockAsync(connection);
        }
    }

    /// <summary>Who works with a schema, if the plugin's tables may be opened to it.</summary>
    /// <exception cref="MigrationException">It has no role yet, or a table would be open to all tenants.</exception>
    public static async Task<PluginLogin> LoginAsync(
        NpgsqlDataSource application, string schema, bool hearsDatagrams, CancellationToken stop)
    {
        await using var command = application.CreateCommand("""
            select worker, password, (select format('%s: %s', e.name, e.reason) from host.exposed($1) e order by e.name limit 1)
            from host.plugin_role where schema = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        await using var reader = await command.ExecuteReaderAsync(stop);
        if (!await reader.ReadAsync(stop))
            throw new MigrationException($"Schema {schema} has no role: run 'migrate' with the owner's connection string.");
        return await reader.IsDBNullAsync(2, stop)
            ? new PluginLogin(reader.GetString(0), reader.GetString(1), hearsDatagrams)
            : throw new MigrationException($"Schema {schema} cannot be opened to its plugin: {reader.GetString(2)}.");
    }

    async Task<IReadOnlyList<string>> RunAsync(NpgsqlConnection connection, string worker, Login owner, CancellationToken stop)
    {
        var missing = await Migrator.MissingAsync(connection, scripts, stop);
        await using var own = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = owner.Role,
            Password = owner.Password,
            Pooling = false,
            ApplicationName = $"isphost schema {schema}",
        }.ConnectionString);
        await own.OpenAsync(stop);
        await using var transaction = await own.BeginTransactionAsync(stop);
        var before = missing.Count > 0 ? await SchemaShape.ReadAsync(own, schema, stop) : null;
        foreach (var script in missing)
        {
            await Migrator.ExecuteAsync(own, schema, script, stop);
            await ExecuteAsync(own, "select host.note_migration($1, $2, $3, $4)", stop, schema, script.Number, script.Name, script.Hash);
        }
        if (before?.MissingIn(await SchemaShape.ReadAsync(own, schema, stop)) is { } taken)
            CheckContract(missing, taken);
        try
        {
            await ExecuteAsync(own, "select host.open_schema($1, $2)", stop, schema, worker);
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new MigrationException($"Schema {schema} cannot be opened to its plugin: {cause.MessageText}.", cause);
        }
        await transaction.CommitAsync(stop);
        return [.. missing.Select(script => script.Name)];
    }

    void CheckContract(IReadOnlyList<SchemaScript> missing, string taken)
    {
        if (missing.Select(script => script.Contracts).Max() is not { } since)
        {
            throw new MigrationException(
                $"The scripts of schema {schema} take something away that the version before may use: {taken}. Only add; take it away in a "
                + "later version, by a script whose first line is -- contract and the oldest version that does without it.");
        }
        if (serving < since)
        {
            throw new MigrationException(
                $"The scripts of schema {schema} take something away: {taken}. Version {serving}, which serves, may use it: replace it by "
                + $"{since} or a newer one first.");
        }
    }

    /// <summary>Makes what is missing of the roles: of all, or of those that a copy of the database in another PostgreSQL lacks.</summary>
    async Task<(string Worker, Login Owner)> EnsureRolesAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var secret = await OwnerSecret.EnsureAsync(database, $"schema-{schema}", NewPassword, stop);
        await ExecuteAsync(
            connection,
            """
            insert into host.plugin_role (schema, worker, password, owner)
            select $1, 'isphost_' || oid || '_' || $1, $2, 'isphost_' || oid || '_' || $1 || '_own'
            from pg_database where datname = current_database()
            on conflict do nothing
            """,
            stop, schema, NewPassword());
        await using var command = new NpgsqlCommand("select worker, password, owner from host.plugin_role where schema = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        var (worker, password, owner) = ("", "", "");
        await using (var reader = await command.ExecuteReaderAsync(stop))
        {
            await reader.ReadAsync(stop);
            (worker, password, owner) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
        }
        await EnsureRoleAsync(connection, worker, password, Migrator.PluginRole, stop);
        await EnsureRoleAsync(connection, owner, secret, Migrator.PluginOwnerRole, stop);
        return (worker, new Login(owner, secret));
    }

    /// <summary>Nothing in it needs quoting: a name of letters, digits and underscores, and a password of hexadecimal digits.</summary>
    static Task EnsureRoleAsync(NpgsqlConnection connection, string role, string password, string group, CancellationToken stop)
        => ExecuteAsync(connection, $"""
            do $$ begin
              if not exists (select from pg_roles where rolname = '{role}') then
                create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls inherit in role {group} password '{password}';
              end if;
            end $$
            """, stop);

    /// <summary>Makes the schema its owner's, with all that is in it: it may be from before plugins had roles.</summary>
    async Task EnsureSchemaAsync(NpgsqlConnection connection, string worker, string owner, CancellationToken stop)
        => await ExecuteAsync(connection, $"""
            set client_min_messages = warning;
            do $$
            declare
              thing record;
            begin
              if not pg_has_role(current_user, '{owner}', 'usage') then
                execute 'grant {owner} to ' || quote_ident(current_user);
              end if;
              create schema if not exists {schema} authorization {owner};
              if (select nspowner from pg_namespace where nspname = '{schema}') <> '{owner}'::regrole then
                alter schema {schema} owner to {owner};
                for thing in
                  select format('table %s', c.oid::regclass) as name from pg_class c
                  where c.relnamespace = '{schema}'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
                  union all
                  select format('sequence %s', c.oid::regclass) from pg_class c
                  where c.relnamespace = '{schema}'::regnamespace and c.relkind = 'S' and not exists (
                    select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass)
                  union all
                  select format('routine %s', p.oid::regprocedure) from pg_proc p where p.pronamespace = '{schema}'::regnamespace
                  union all
                  select format('type %s', t.oid::regtype) from pg_type t
                  where t.typnamespace = '{schema}'::regnamespace and (t.typtype in ('d', 'e', 'r')
                    or t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
                loop
                  execute format('alter %s owner to {owner}', thing.name);
                end loop;
              end if;
              grant usage on schema {schema} to {Migrator.ApplicationRole}, {worker};
              alter default privileges for role {owner} in schema {schema}
                grant select, insert, update, delete on tables to {Migrator.ApplicationRole};
              alter default privileges for role {owner} in schema {schema} grant usage on sequences to {Migrator.ApplicationRole};
            end $$
            """, stop);

    static string NewPassword() => RandomNumberGenerator.GetHexString(40);

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(stop);
    }

    readonly record struct Login(string Role, string Password)
    {
        public override string ToString() => Role;
    }
}
