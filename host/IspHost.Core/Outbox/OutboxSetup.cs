using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Outbox;

/// <summary>Adds the delivery of events.</summary>
public static class OutboxSetup
{
    /// <summary>Adds <see cref="Deliveries"/> and what delivers. It needs <c>AddCluster</c> and the change feed.</summary>
    public static IServiceCollection AddOutbox(this IServiceCollection services, OutboxOptions? options = null)
        => services
            .AddSingleton(options ?? new OutboxOptions())
            .AddSingleton<OutboxRows>()
            .AddSingleton(provider => new Deliveries(provider.GetRequiredService<OutboxRows>()))
            .AddHostedService<OutboxDispatcher>();
}
