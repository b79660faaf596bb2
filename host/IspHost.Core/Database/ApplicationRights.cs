using Npgsql;

namespace IspHost.Core.Database;

/// <summary>Refuses a role that row-level security does not bind: tenants would be kept apart by good intentions alone.</summary>
static class ApplicationRights
{
    const string Question = """
        select case
          when r.rolsuper then 'is a superuser'
          when r.rolbypassrls then 'has BYPASSRLS'
          when not pg_has_role(current_user, 'isphost_app', 'usage') then 'is not a member of isphost_app'
          when exists (
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member')
              and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
            then 'owns tables of tenants'
        end, current_user
        from pg_roles r where r.rolname = current_user
        """;

    /// <exception cref="DatabaseStartException">The role could get around row-level security.</exception>
    public static async Task CheckAsync(NpgsqlDataSource application, CancellationToken cancellationToken)
    {
        if (!await SchemaExistsAsync(application, cancellationToken))
            throw new DatabaseStartException("The database has no schema of IspHost: run 'migrate' with the owner's connection string.");
        await using var command = application.CreateCommand(Question);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (!await reader.IsDBNullAsync(0, cancellationToken))
        {
            throw new DatabaseStartException(
                $"The role {reader.GetString(1)} {reader.GetString(0)}, so tenants would not be kept apart: "
                + $"give a role in {Migrator.ApplicationRole} that owns nothing.");
        }
    }

    static async Task<bool> SchemaExistsAsync(NpgsqlDataSource application, CancellationToken cancellationToken)
    {
        await using var command = application.CreateCommand($"""
            select exists (select from pg_roles where rolname = '{Migrator.ApplicationRole}')
               and exists (
                 select from pg_class where relname = 'migration' and relnamespace = (select oid from pg_namespace where nspname = 'host'))
            """);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
