using IspHost.Core.Database;
using IspHost.Sdk.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Audit;

/// <summary>Records acts of the operator that change no row: before they happen, and what came of them.</summary>
/// <remarks>An act without an outcome is one that the process did not outlive, or the database.</remarks>
sealed partial class OperatorTrail(IDbContextFactory<HostDb> host, ICurrentTenant current, ILogger<OperatorTrail> log)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="action">What is done.</param>
    /// <param name="target">With what.</param>
    /// <param name="detail">What else is to be known of it, or null.</param>
    /// <param name="act">Does it.</param>
    /// <param name="outcome">What is to be known of its result.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<T> ActAsync<T>(
        string action, string target, object? detail, Func<CancellationToken, Task<T>> act, Func<T, object> outcome,
        CancellationToken cancellationToken)
    {
        await RecordAsync(action, target, detail, cancellationToken);
        try
        {
            var result = await act(cancellationToken);
            await EndAsync($"{action}.done", target, outcome(result));
            return result;
        }
        catch (Exception cause) // Whatever it was, it belongs to the act.
        {
            await EndAsync($"{action}.failed", target, new { reason = cause.Message });
            throw;
        }
    }

    /// <summary>Whatever came of the act is told to whoever asked for it, even if it cannot be written down.</summary>
    async Task EndAsync(string action, string target, object detail)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await RecordAsync(action, target, detail, patience.Token);
        }
        catch (Exception cause) // The database's.
        {
            Unrecorded(log, action, target, cause.Message);
        }
    }

    async Task RecordAsync(string action, string target, object? detail, CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        db.Audit(current.Actor, action, target, detail);
        await db.SaveChangesAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Error, "The operator's trail lacks {Action} {Target}: {Reason}")]
    static partial void Unrecorded(ILogger log, string action, string target, string reason);
}
