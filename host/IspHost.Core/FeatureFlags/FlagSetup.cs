using IspHost.Sdk.Flags;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FeatureManagement;

namespace IspHost.Core.FeatureFlags;

/// <summary>Puts feature flags together. Their definitions are one of the snapshots.</summary>
static class FlagSetup
{
    public static IServiceCollection AddFlags(this IServiceCollection services)
    {
        services.AddFeatureManagement()
            .AddFeatureFilter<AudienceFilter>()
            .AddFeatureFilter<WindowFilter>()
            .AddFeatureFilter<PluginFilter>();
        return services
            .AddSingleton<Flags>()
            .AddSingleton<IFlags>(provider => provider.GetRequiredService<Flags>())
            .AddSingleton<CustomerGroups>();
    }
}
