using System.Security.Cryptography;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>The role that the host logs in as when it was given the owner's connection string.</summary>
/// <remarks>
/// Its password is made once and lies in a schema that only the owner can read, so that every node with the owner's connection
/// string finds it there. Roles belong to the whole PostgreSQL, so each database has one with its own number in the name.
/// </remarks>
static class ApplicationLogin
{
    public static async Task<(string Role, string Password)> EnsureAsync(NpgsqlDataSource owner, CancellationToken cancellationToken)
    {
        var password = await OwnerSecret.EnsureAsync(owner, "login", () => RandomNumberGenerator.GetHexString(40), cancellationToken);
        await using var connection = await owner.OpenConnectionAsync(cancellationToken);
        await using var name = new NpgsqlCommand(
            "select 'isphost_' || oid from pg_database where datname = current_database()", connection);
        var role = (string)(await name.ExecuteScalarAsync(cancellationToken))!;

        // A role's password cannot be a parameter; this one is of hexadecimal digits only, so it needs no quoting.
        await using var command = new NpgsqlCommand($"""
            do $$ begin
              perform pg_advisory_xact_lock(hashtext('isphost.login'));
              if not exists (select from pg_roles where rolname = '{role}') then
                create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls inherit in role {Migrator.ApplicationRole};
              end if;
              alter role {role} password '{password}';
            end $$;
            """, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return (role, password);
    }
}
