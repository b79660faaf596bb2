using IspHost.Core.Database;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IspHost.Server.Tests;

/// <summary>Nothing here says whose rows it means, and the application's own filters are off: the database keeps tenants apart.</summary>
[Collection<TwoProvidersOnOneServer>]
public sealed class Row_level_security_alone(TwoProviders providers)
{
    const string Refused = "42501";

    /// <summary>By a trigger, before row-level security sees it.</summary>
    const string Stays = "23001";

    /// <summary>What both providers have rows in: without them the tests would show nothing.</summary>
    static readonly string[] Used =
    [
        "host.address_assignment", "host.audit", "host.contract_version", "host.customer", "host.nas_device",
        "host.outbox", "host.plan_version", "host.price_script", "host.subscription", "host.usage", "billing.account", "billing.bill_run",
        "billing.document", "billing.invoice", "billing.invoice_line", "billing.invoice_number", "billing.obligation", "billing.transfer",
        "radius.session",
    ];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    NpgsqlDataSource Owner => providers.Server.Database.Owner!;

    [Fact]
    public async Task Shows_changes_and_removes_no_row_of_another_tenant_in_any_table()
    {
        var tables = await TablesAsync();
        foreach (var table in Used)
            Assert.True(await CountAsync(Owner, $"select count(*) from {table} where tenant_id = '{providers.Theirs}'") > 0, table);

        var crossed = new List<string>();
        foreach (var table in tables)
        {
            if (await AffectedAsync($"select from {table} where tenant_id <> '{providers.Mine}'") > 0)
                crossed.Add($"{table} shows");
            if (await AffectedAsync($"update {table} set tenant_id = tenant_id where tenant_id <> '{providers.Mine}'") > 0)
                crossed.Add($"{table} changes");
            if (await AffectedAsync($"delete from {table} where tenant_id <> '{providers.Mine}'") > 0)
                crossed.Add($"{table} removes");
            if (await AffectedAsync($"update {table} set tenant_id = '{providers.Theirs}'", refused: [Refused, Stays]) > 0)
                crossed.Add($"{table} hands over");
        }
        Assert.Equal([], crossed);
    }

    [Fact]
    public async Task Shows_nothing_at_all_to_a_statement_that_comes_without_a_tenant()
    {
        foreach (var table in await TablesAsync())
            Assert.Equal((table, 0), (table, await AffectedAsync($"select from {table}", tenant: "")));
    }

    [Fact]
    public async Task Gives_the_platform_without_its_filters_the_rows_of_one_tenant()
    {
        await using var asApplication = Unfiltered(providers.Server.Database);
        await using var asOwner = Unfiltered(new Database(Owner));

        var (seen, all) = (await TenantsInAsync(asApplication), await TenantsInAsync(asOwner));

        Assert.Contains(all, row => row.Tenant == providers.Theirs);
        Assert.All(seen, row => Assert.Equal((row.Table, providers.Mine), row));
        Assert.Equal(
            all.Where(row => row.Tenant == providers.Mine).GroupBy(row => row.Table).Select(rows => (rows.Key, rows.Count())).Order(),
            seen.GroupBy(row => row.Table).Select(rows => (rows.Key, rows.Count())).Order());
    }

    /// <summary>
    /// Every table of every schema that has a tenant, as the catalog of the database lists them; but for two with nothing but ids: what
    /// is due, which nodes take for all tenants, and the latest runs, which the operator is shown.
    /// </summary>
    async Task<List<string>> TablesAsync()
    {
        await using var command = Owner.CreateCommand("""
            select n.nspname || '.' || c.relname
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            where c.relkind in ('r', 'p') and c.oid <> all (array['host.due', 'billing.recent_run']::regclass[])
            order by 1
            """);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var tables = new List<string>();
        while (await reader.ReadAsync(Stop))
            tables.Add(reader.GetString(0));
        return tables;
    }

    /// <summary>How many rows a statement of the application shows or touches; it is rolled back. 0 if the database refuses it.</summary>
    async Task<int> AffectedAsync(string statement, string? tenant = null, string[]? refused = null)
    {
        await using var connection = await providers.Server.Database.Connections.OpenConnectionAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await using var set = new NpgsqlCommand($"select set_config('app.tenant', '{tenant ?? $"{providers.Mine}"}', true)", connection);
        await set.ExecuteNonQueryAsync(Stop);
        await using var command = new NpgsqlCommand(statement, connection);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(Stop);
            var shown = 0;
            while (await reader.ReadAsync(Stop))
                shown++;
            return Math.Max(shown, reader.RecordsAffected);
        }
        catch (PostgresException refusal) when ((refused ?? [Refused]).Contains(refusal.SqlState))
        {
            return 0;
        }
    }

    static async Task<long> CountAsync(NpgsqlDataSource source, string statement)
    {
        await using var command = source.CreateCommand(statement);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    /// <summary>The platform's tables with the filter by tenant switched off.</summary>
    static ServiceProvider Unfiltered(IDatabase database) => new ServiceCollection()
        .AddSingleton(database)
        .AddTenantDatabase<IspDb>(options => new IspDb(options) { FiltersTenants = false })
        .BuildServiceProvider();

    /// <summary>Every row that the platform reads when it works for one tenant: its table, and whose it is.</summary>
    async Task<List<(string Table, TenantId Tenant)>> TenantsInAsync(ServiceProvider services)
    {
        await using var db = services.GetRequiredService<TenantDatabase<IspDb>>().Open(providers.Mine);
        var rows = new List<(string, TenantId)>();
        foreach (var entity in db.Model.GetEntityTypes().Where(entity => !entity.IsOwned() && entity.FindProperty("TenantId") is not null))
            rows.AddRange(await RowsAsync(db, entity));
        return rows;
    }

    static async Task<IEnumerable<(string, TenantId)>> RowsAsync(IspDb db, IEntityType entity)
    {
        var ofEntity = typeof(DbContext).GetMethod(nameof(DbContext.Set), [])!.MakeGenericMethod(entity.ClrType);
        var set = (IQueryable<object>)ofEntity.Invoke(db, [])!;
        var tenant = entity.FindProperty("TenantId")!.PropertyInfo!;
        return (await set.AsNoTracking().ToListAsync(Stop)).Select(row => (entity.GetTableName()!, (TenantId)tenant.GetValue(row)!));
    }

    sealed record Database(NpgsqlDataSource Connections) : IDatabase;
}
