using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>Sends the tenant along with every command of EF Core.</summary>
/// <remarks>
/// The statement that sets the tenant goes in front of the command's own text. Npgsql sends both with one Sync, so PostgreSQL
/// runs them in one transaction: the setting holds for just this command, costs no round trip, and leaves nothing behind on the
/// pooled connection.
/// </remarks>
sealed class TenantCommands : DbCommandInterceptor
{
    const string Prefix = "select set_config('app.tenant', @app_tenant, true);\n";

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Name(command, eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        Name(command, eventData.Context);
        return new(result);
    }

    public override DbDataReader ReaderExecuted(DbCommand command, CommandExecutedEventData eventData, DbDataReader result)
    {
        if (!IsNamed(command))
            return result;
        try
        {
            result.NextResult();
            return result;
        }
        catch (Exception fault)
        {
            result.Dispose(); // As below.
            StatementsInDoubt.Forget(command, fault);
            throw;
        }
    }

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (!IsNamed(command))
            return result;
        try
        {
            await result.NextResultAsync(cancellationToken);
            return result;
        }
        catch (Exception fault)
        {
            // EF Core does not yet own the reader, so nobody else would close it.
            await result.DisposeAsync();
            StatementsInDoubt.Forget(command, fault);
            throw;
        }
    }

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Name(command, eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Name(command, eventData.Context);
        return new(result);
    }

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        if (!Name(command, eventData.Context))
            return result;
        using var reader = command.ExecuteReader();
        reader.NextResult();
        return InterceptionResult<object>.SuppressWithResult(reader.Read() ? reader.GetValue(0) : null!);
    }

    /// <summary>The scalar of the command is the first value of the second result; the first result is the setting's.</summary>
    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        if (!Name(command, eventData.Context))
            return result;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return InterceptionResult<object>.SuppressWithResult(await reader.ReadAsync(cancellationToken) ? reader.GetValue(0) : null!);
    }

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData)
    {
        TenantRefusals.Note(eventData.Exception);
        StatementsInDoubt.Forget(command, eventData.Exception);
    }

    public override Task CommandFailedAsync(
        DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        TenantRefusals.Note(eventData.Exception);
        StatementsInDoubt.Forget(command, eventData.Exception);
        return Task.CompletedTask;
    }

    static bool IsNamed(DbCommand command) => command.CommandText.StartsWith(Prefix, StringComparison.Ordinal);

    static bool Name(DbCommand command, DbContext? context)
    {
        if (context is not TenantDb db || db.Tenant.Value == Guid.Empty)
            return false;
        if (!IsNamed(command))
        {
            command.CommandText = Prefix + command.CommandText;
            command.Parameters.Add(new NpgsqlParameter<string>("app_tenant", db.Tenant.ToString()));
        }
        return true;
    }
}
