using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Actors;

/// <summary>Wakes actors whose time has come, in case the node whose timer knew of it is gone or has forgotten.</summary>
sealed class ActorSweep(TenantSql sql, ActorMessages messages, ActorOptions options, TimeProvider time, ILogger<ActorSweep> log)
    : BackgroundService
{
    const int MostAtOnce = 200;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Sweep("wake-ups of actors", options.SweepEvery, time, log).RunAsync(PassAsync, stoppingToken);

    async Task PassAsync(CancellationToken stop)
    {
        foreach (var tenant in await sql.TenantsAsync("select host.tenants_with_wake_ups()", stop))
            await messages.WakeAsync(tenant, MostAtOnce, stop);
    }
}
