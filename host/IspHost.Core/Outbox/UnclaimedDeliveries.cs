using IspHost.Core.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Outbox;

/// <summary>Gives up deliveries that no node takes, since their handler is gone for good.</summary>
sealed class UnclaimedDeliveries(DeliveryRows rows, OutboxOptions options, TimeProvider time, ILogger<UnclaimedDeliveries> log)
    : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => new Sweep("deliveries that nobody takes", Every, time, log).RunAsync(PassAsync, stoppingToken);

    async Task PassAsync(CancellationToken stop)
    {
        foreach (var tenant in await rows.UnclaimedAsync(options.GiveUpAfter, stop))
            await rows.AbandonAsync(tenant, options.GiveUpAfter, stop);
    }
}
