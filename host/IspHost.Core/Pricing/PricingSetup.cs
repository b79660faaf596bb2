using IspHost.PluginRuntime;
using IspHost.Scripting;
using IspHost.Sdk.Rating;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IspHost.Core.Pricing;

/// <summary>Adds price scripts, and offers them to whoever rates.</summary>
static class PricingSetup
{
    public static IServiceCollection AddPricing(this IServiceCollection services)
        => services
            .AddSingleton(_ => new PriceScripts())
            .AddSingleton<ScriptRating>()
            .AddHostedService<Offer>();

    /// <summary>The rule is the host's own, so it is there before any plugin is, and stays.</summary>
    sealed class Offer(PluginHost plugins, ScriptRating rating) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            plugins.Offer<IRatingRule>("script", rating);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
