using IspHost.Core.Work;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Outbox;

/// <summary>Adds the delivery of events.</summary>
public static class OutboxSetup
{
    /// <summary>Adds <see cref="EventSubscriptions"/> and what delivers. It needs <c>AddDueWork</c>.</summary>
    public static IServiceCollection AddOutbox(this IServiceCollection services, OutboxOptions? options = null)
        => services
            .AddSingleton(options ?? new OutboxOptions())
            .AddSingleton<DeliveryRows>()
            .AddSingleton<EventSubscriptions>()
            .AddSingleton<IDueWork, EventWork>()
            .AddHostedService<UnclaimedDeliveries>();
}
