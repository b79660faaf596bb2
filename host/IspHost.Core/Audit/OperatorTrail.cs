using IspHost.Core.Database;
using IspHost.Sdk.Tenants;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Audit;

/// <summary>Records acts of the operator that change no row: before they happen, since the process may not outlive them.</summary>
sealed class OperatorTrail(IDbContextFactory<HostDb> host, ICurrentTenant current)
{
    public async Task RecordAsync(string action, string target, object? detail, CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        db.Audit(current.Actor, action, target, detail);
        await db.SaveChangesAsync(cancellationToken);
    }
}
