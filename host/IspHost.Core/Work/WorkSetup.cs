using IspHost.Core.Health;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Work;

/// <summary>Adds what takes work that is due.</summary>
public static class WorkSetup
{
    /// <summary>Adds the poller and <see cref="Backlog"/>. It needs the change feed; each kind of work is added by its feature.</summary>
    public static IServiceCollection AddDueWork(this IServiceCollection services, DueOptions? options = null)
        => services
            .AddSingleton(options ?? new DueOptions())
            .AddSingleton<DueRows>()
            .AddSingleton<Turns>()
            .AddSingleton<Backlog>()
            .AddTroubleCheck<DueHealth>("due")
            .AddHostedService<DuePoller>();
}
