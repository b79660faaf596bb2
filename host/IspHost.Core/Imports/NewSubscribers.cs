using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Sdk.Tenants;
using Microsoft.EntityFrameworkCore;
using NodaTime;
using Npgsql;

namespace IspHost.Core.Imports;

/// <summary>Adds a customer with an active service for each row, all by one statement.</summary>
/// <param name="tenant">Whose.</param>
/// <param name="firstDay">Of the services.</param>
/// <param name="vault">Seals their passwords.</param>
sealed class NewSubscribers(Tenant tenant, LocalDate firstDay, Vault vault)
{
    public async Task InsertAsync(IspDb db, List<WaitingRow> rows, CancellationToken stop)
    {
        var first = await PortalId.DrawAsync(db, tenant.Id, rows.Count, stop);
        await using var command = new NpgsqlCommand("""
            with row as (
              select * from unnest($2, $3, $4, $5, $6, $7, $8, $9)
                as r (customer_id, subscription_id, contract_id, portal_id, user_name, password, plan_id, plan_version)
            ), customer as (
              insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
              select $1, customer_id, portal_id, user_name, $10, 'residential', $11 from row
            ), subscription as (
              insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
              select $1, subscription_id, customer_id, 'active', user_name, password, $11 from row
            )
            insert into host.contract_version (tenant_id, id, subscription_id, customer_id, plan_id, plan_version, anchor, valid_from)
            select $1, contract_id, subscription_id, customer_id, plan_id, plan_version, $11, $11 from row
            """, (NpgsqlConnection)db.Database.GetDbConnection());
        AddParameters(command, rows, first);
        await command.ExecuteNonQueryAsync(stop);
    }

    void AddParameters(NpgsqlCommand command, List<WaitingRow> rows, long firstNumber)
    {
        var services = NewIds();
        Guid[] NewIds() => [.. rows.Select(_ => Guid.CreateVersion7())];
        Add(tenant.Id.Value);
        Add(NewIds());
        Add(services);
        Add(NewIds());
        Add(rows.Select((_, i) => PortalId.Format(tenant.Code, firstNumber + i)).ToArray());
        Add(rows.Select(row => row.UserName).ToArray());
        Add(rows.Select((row, i) => vault.Seal(SealedColumn.Password.At(tenant.Id, services[i]), row.Password)).ToArray());
        Add(rows.Select(row => row.Plan).ToArray());
        Add(rows.Select(row => row.PlanVersion).ToArray());
        Add(tenant.Country);
        Add(firstDay);

        void Add<T>(T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
    }
}
