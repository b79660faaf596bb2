using IspHost.Plugins.Radius.Access;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Changes;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using IspHost.Sdk.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace IspHost.Plugins.Radius;

/// <summary>RADIUS: lets subscribers online, counts what they use, and changes or ends their sessions.</summary>
public sealed class RadiusPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        AddServices(plugin.Services, RadiusSettings.Read(plugin.Settings));
        plugin.AddDatabase<RadiusDb>(RadiusDb.SchemaName, options => new RadiusDb(options));
        plugin.AddListener<AuthenticationListener>(AuthenticationListener.Name, 1812)
            .AddListener<AccountingListener>(AccountingListener.Name, 1813)
            .AddEventHandler<AccessChanged, AccessChangedHandler>()
            .AddActor<SessionChange>(SessionChanges.ActorType)
            .AddActor<SessionWatch>(SessionWatch.ActorType)
            .AddPanel<LiveSessionsPanel>("live-sessions")
            .UseJson(RadiusJson.Default)
            .MapEndpoints(api => api.MapSessions());
    }

    internal static void AddServices(IServiceCollection services, RadiusSettings settings)
    {
        services.TryAddSingleton<IClock>(SystemClock.Instance);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings)
            .AddSingleton(_ => RadiusJson.New())
            .AddSingleton<RadiusMetrics>()
            .AddSingleton<NasLookup>()
            .AddSingleton<Vendors>()
            .AddSingleton<AccessRules>()
            .AddSingleton<Seats>()
            .AddSingleton<Admission>()
            .AddSingleton<Journal>()
            .AddSingleton<LiveSessions>()
            .AddSingleton<StaleRule>()
            .AddSingleton<ChangeRequests>()
            .AddSingleton<ChangeExchange>()
            .AddSingleton<SessionChanges>()
            .AddSingleton<SessionWatches>();
    }
}
