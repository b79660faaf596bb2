using IspHost.Core.Health;
using IspHost.PluginRuntime;
using IspHost.Scripting;
using IspHost.Sdk.Rating;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Pricing;

/// <summary>Adds price scripts, and offers them to whoever rates.</summary>
static class PricingSetup
{
    public static IServiceCollection AddPricing(this IServiceCollection services)
        => services
            .AddSingleton(provider => new PriceScripts(Options(provider.GetService<IConfiguration>())))
            .AddSingleton<ScriptRating>()
            .AddHostedService<Offer>()
            .AddHostedService<FirstWorker>()
            .AddTroubleCheck<ScriptHealth>("price_scripts");

    static ScriptOptions Options(IConfiguration? configuration)
    {
        const StringSplitOptions words = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return new ScriptOptions { Without = configuration?["PriceScripts:Without"]?.Split(',', words) ?? [] };
    }

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

    /// <summary>Whether scripts can be run here is known before the first one comes. The rest of the node works without.</summary>
    sealed class FirstWorker(PriceScripts scripts, ILogger<PriceScripts> log) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await scripts.StartAsync().WaitAsync(stoppingToken);
            }
            catch (Exception reason) when (!stoppingToken.IsCancellationRequested) // Whatever keeps it from starting, the node serves.
            {
                log.LogError("Price scripts are not served: {Reason}", reason.Message);
            }
        }
    }
}
