using IspHost.Core.Changes;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenants;
using IspHost.Core.Usage;
using IspHost.Core.Zones;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using IspHost.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>The host services that billing reads from, as the server sets them up.</summary>
static class HostReaders
{
    public static IServiceCollection AddTo(IServiceCollection services, TestDatabase database) => services
        .AddSingleton(database.Database)
        .AddSingleton<IClock>(SystemClock.Instance)
        .AddSingleton<IDbContextFactory<HostDb>, HostDbs>()
        .AddTenantDatabase<IspDb>(options => new IspDb(options))
        .AddLogging()
        .AddSingleton<UnreadableRows>()
        .AddSingleton<DatabaseLife>()
        .AddSingleton(ZoneRules.BuiltIn)
        .AddSingleton<TenantDirectory>()
        .AddSingleton<ITenants>(provider => provider.GetRequiredService<TenantDirectory>())
        .AddSingleton<ICustomers, CustomerReader>()
        .AddSingleton<IContracts, ContractReader>()
        .AddSingleton<IUsage, UsageReader>();

    public static Task LoadAsync(IServiceProvider services)
        => services.GetRequiredService<TenantDirectory>().ReloadAsync(CancellationToken.None);
}
