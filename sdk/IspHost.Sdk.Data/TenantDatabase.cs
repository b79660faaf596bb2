using System.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>The only way to a context, or to a bare connection, of a tenant.</summary>
/// <typeparam name="TDb">The context.</typeparam>
public sealed class TenantDatabase<TDb>(DbContextOptions<TDb> options, Func<DbContextOptions<TDb>, TDb> create, IDatabase database)
    where TDb : TenantDb
{
    /// <summary>A context that sees the rows of this tenant. Dispose it.</summary>
    public TDb Open(TenantId tenant)
    {
        if (tenant.Value == Guid.Empty)
            throw new ArgumentException("A tenant must be named.", nameof(tenant));
        var db = create(options);
        db.Tenant = tenant;
        // The host has several pools; which one is meant is known here, and not when the options were made.
        db.Database.SetDbConnection(database.Connections.CreateConnection(), contextOwnsConnection: true);
        return db;
    }

    /// <summary>Runs the work in one transaction (READ COMMITTED) and commits it if the work returns.</summary>
    public async Task<TResult> InTransactionAsync<TResult>(
        TenantId tenant, Func<TDb, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        await using var db = Open(tenant);
        // What cannot be saved ends the transaction. With savepoints of its own EF Core goes on after a lost connection.
        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>Runs the work in one transaction (READ COMMITTED) and commits it if the work returns.</summary>
    public Task InTransactionAsync(TenantId tenant, Func<TDb, CancellationToken, Task> work, CancellationToken cancellationToken)
        => InTransactionAsync(tenant, async (db, stop) => { await work(db, stop); return true; }, cancellationToken);

    /// <summary>Runs work on a bare connection in one transaction, for bulk statements and row locks; commits if it returns.</summary>
    /// <remarks>
    /// The tenant is set for the transaction. Bulk loads use <c>unnest</c>: COPY FROM is refused under row-level security.
    /// </remarks>
    public async Task<TResult> OnConnectionAsync<TResult>(
        TenantId tenant, Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        await SetTenantAsync(connection, tenant, cancellationToken);
        try
        {
            var result = await work(connection, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        catch (PostgresException cause) when (TenantRefusals.Note(cause))
        {
            throw;
        }
    }

    /// <summary>Runs work on a bare connection in one transaction, for bulk statements and row locks; commits if it returns.</summary>
    public Task OnConnectionAsync(
        TenantId tenant, Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken cancellationToken)
        => OnConnectionAsync(tenant, async (connection, stop) => { await work(connection, stop); return true; }, cancellationToken);

    static async Task SetTenantAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select set_config('app.tenant', $1, true)", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.ToString() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
