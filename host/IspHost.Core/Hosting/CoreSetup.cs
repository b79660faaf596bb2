using IspHost.Core.Actors;
using IspHost.Core.ApiKeys;
using IspHost.Core.Audit;
using IspHost.Core.Catalog;
using IspHost.Core.Changes;
using IspHost.Core.Cluster;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.FeatureFlags;
using IspHost.Core.Health;
using IspHost.Core.Idempotency;
using IspHost.Core.Imports;
using IspHost.Core.Jobs;
using IspHost.Core.Limits;
using IspHost.Core.Network;
using IspHost.Core.Outbox;
using IspHost.Core.Plugins;
using IspHost.Core.Pricing;
using IspHost.Core.Retention;
using IspHost.Core.Secrets;
using IspHost.Core.Subscribers;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tenancy;
using IspHost.Core.Tenants;
using IspHost.Core.Usage;
using IspHost.Core.Versions;
using IspHost.Core.Web;
using IspHost.Core.Web.Contract;
using IspHost.Core.Web.Document;
using IspHost.Core.Web.Versions;
using IspHost.Core.Work;
using IspHost.Core.Zones;
using IspHost.PluginRuntime;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.FeatureManagement;
using NodaTime;

namespace IspHost.Core.Hosting;

/// <summary>Puts the features together.</summary>
public static class CoreSetup
{
    /// <summary>Adds the platform to a host whose database is open. Call it after <c>AddCluster</c>.</summary>
    public static IServiceCollection AddIspHost(
        this IServiceCollection services, HostConnections connections, VaultKeys vaultKeys, PluginFolders plugins, DueOptions? due = null)
    {
        services.TryAddSingleton<IClock>(NodaTime.SystemClock.Instance);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(connections);
        services.AddSingleton<IDatabase>(connections);
        services.AddSecrets(vaultKeys);
        services.AddDatabase();
        services.AddSingleton<DatabasePulse>();
        services.AddHostedService(provider => provider.GetRequiredService<DatabasePulse>());
        services.AddSnapshots();
        services.AddSingleton<ZoneComparison>();
        services.AddTroubleCheck<ZoneHealth>("time_zones");
        services.AddSingleton<ICustomers, CustomerReader>();
        services.AddSingleton<IContracts, ContractReader>();
        services.AddSingleton<IUsage, UsageReader>();
        services.AddSingleton<Lifecycle>();
        services.AddSingleton<SubscriptionChanges>();
        services.AddSingleton<TenantClocks>();
        services.AddSingleton<OwnRetention>();
        services.AddSingleton<AddressBook>();
        services.TryAddSingleton(new NetworkOptions());
        services.AddSingleton<DevicePlaces>();
        services.AddSingleton<UsageMonths>();
        services.AddHostedService(provider => provider.GetRequiredService<UsageMonths>());
        services.AddSingleton<OldRows>();
        services.AddSingleton<RetentionRounds>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionRounds>());
        services.AddSingleton<OperatorKeys>();
        services.AddFlags();
        services.AddDueWork(due).AddJobs(JobsWithin(connections.MostJobs)).AddActors().AddOutbox().AddImports();
        services.AddHostedService<BacklogMetrics>();
        services.AddPricing();
        services.AddPlugins(plugins);
        services.AddHealth();
        services.AddApi();
        return services;
    }

    /// <summary>Maps the API of all features, and of the plugins that come and go.</summary>
    public static void MapIspHost(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").ChecksRequests();
        api.MapTenants();
        api.MapApiKeys();
        api.MapOperatorKeys();
        api.MapCustomers();
        api.MapPlans();
        api.MapPriceScripts();
        api.MapSubscriptions();
        api.MapClosingCustomers();
        api.MapImports();
        api.MapNas();
        api.MapDeviceAddresses();
        api.MapAddressPools();
        api.MapUsage();
        api.MapRetention();
        api.MapFeatureFlags();
        api.MapAudit();
        api.MapPluginAdministration();
        api.MapPackages();
        api.MapPublishers();
        api.MapNodes();
        api.MapTimeZones();
        api.MapDeliveries();
        api.MapVault();
        api.MapApiVersions();
        routes.MapPlugins();
        routes.MapHealth();
        routes.MapDocument();
    }

    static JobOptions JobsWithin(int most) => new JobOptions() is var usual && usual.AtOnce > most ? usual with { AtOnce = most } : usual;

    internal static void AddDatabase(this IServiceCollection services)
    {
        services.TryAddSingleton<TenantSql>();
        services.TryAddSingleton(ZoneRules.BuiltIn);
        services.AddTenantDatabase<IspDb>(options => new IspDb(options));
        services.AddSingleton<IDbContextFactory<HostDb>, HostDbs>();
    }

    /// <summary>What is held in memory, and follows the database.</summary>
    internal static void AddSnapshots(this IServiceCollection services)
    {
        services.TryAddSingleton<TenantSql>();
        services.AddSingleton<UnreadableRows>();
        services.AddTroubleCheck<UnreadableRowsHealth>("unreadable_rows");
        services.AddSingleton<DatabaseLife>();
        services.AddSingleton<PlanProfiles>();
        services.AddSingleton<SubscriberReader>();
        services.AddSingleton<TenantDirectory>();
        services.AddSingleton<Taxability>();
        services.AddSingleton<ITenants>(provider => provider.GetRequiredService<TenantDirectory>());
        services.AddSingleton<NasDirectory>();
        services.AddSingleton<INasDevices>(provider => provider.GetRequiredService<NasDirectory>());
        services.AddSingleton<SubscriberDirectory>();
        services.AddSingleton<ISubscribers>(provider => provider.GetRequiredService<SubscriberDirectory>());
        services.AddSingleton<FlagDefinitions>();
        services.AddSingleton<KnownVersions>();
        services.AddSingleton<IFeatureDefinitionProvider>(provider => provider.GetRequiredService<FlagDefinitions>());
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService<SnapshotStart>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
    }

    static void AddApi(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<CurrentTenant>();
        services.AddSingleton<ICurrentTenant>(provider => provider.GetRequiredService<CurrentTenant>());
        services.AddSingleton<ApiKeyVerifier>();
        services.AddSingleton<OperatorTrail>();
        services.AddSingleton<RequestClaims>();
        services.AddSingleton<LeftClaims>();
        services.AddHostedService(provider => provider.GetRequiredService<LeftClaims>());
        services.AddSingleton<Answers>();
        services.AddSingleton<IAnswers>(provider => provider.GetRequiredService<Answers>());
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().AddScopes();
        services.AddSingleton<VersionCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<VersionCalls>());
        services.AddSingleton<ApiChange>(new SessionLimitChange());
        services.AddApiJson();
        services.AddDocument();
        services.AddSingleton<DocumentText>();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Refusals.Complete);
        services.AddExceptionHandler<ExceptionAnswers>();
        services.AddLimits();
        services.AddResponseCompression(compression =>
        {
            // Keys travel in headers and not in cookies, so nobody can have a browser ask for a secret beside a text of his own.
            compression.EnableForHttps = true;
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json", "text/csv"];
        });
    }
}
