using System.Threading.Channels;
using IspHost.Sdk;

namespace IspHost.Core.Outbox;

/// <summary>Tenants for which something is to be done. One that waits already is not added again.</summary>
sealed class TenantQueue
{
    readonly Channel<TenantId> queue = Channel.CreateUnbounded<TenantId>();
    readonly HashSet<TenantId> waiting = [];

    public void Add(TenantId tenant)
    {
        lock (waiting)
        {
            if (waiting.Add(tenant))
                queue.Writer.TryWrite(tenant);
        }
    }

    /// <summary>The next one. From now on it can be added again.</summary>
    public async Task<TenantId> TakeAsync(CancellationToken stop)
    {
        var tenant = await queue.Reader.ReadAsync(stop);
        lock (waiting)
            waiting.Remove(tenant);
        return tenant;
    }
}
