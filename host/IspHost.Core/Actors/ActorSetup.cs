using IspHost.Core.Work;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Actors;

/// <summary>Adds what carries the plugins' actors.</summary>
public static class ActorSetup
{
    /// <summary>Adds <see cref="ActorMessages"/> and what wakes actors. It needs <c>AddCluster</c> and <c>AddDueWork</c>.</summary>
    public static IServiceCollection AddActors(this IServiceCollection services, ActorOptions? options = null)
        => services
            .AddSingleton(options ?? new ActorOptions())
            .AddSingleton<ActorRows>()
            .AddSingleton(provider => new ActorMessages(
                provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<ILocalSiloDetails>(),
                provider.GetRequiredService<IPluginWork>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IDueWork, ActorWork>();
}
