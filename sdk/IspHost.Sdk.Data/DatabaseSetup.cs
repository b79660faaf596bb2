using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IspHost.Sdk.Data;

/// <summary>Adds a database of its own to a plugin.</summary>
public static class DatabaseSetup
{
    /// <summary>
    /// Gives the plugin a schema with its scripts, and a <see cref="TenantDatabase{TDb}"/> to inject.
    /// </summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="schema">The schema, which no other plugin may use.</param>
    /// <param name="create">Makes the context: <c>options => new BillingDb(options)</c>.</param>
    public static IPluginBuilder AddDatabase<TDb>(this IPluginBuilder plugin, string schema, Func<DbContextOptions<TDb>, TDb> create)
        where TDb : TenantDb
    {
        plugin.Services.AddTenantDatabase(create);
        return plugin.OwnSchema(schema);
    }

    /// <summary>Registers a <see cref="TenantDatabase{TDb}"/> for the context.</summary>
    /// <remarks>
    /// EF Core keeps the services behind a context in a static cache, which would hold a plugin's model for ever. So each container
    /// that uses a context owns those services, and disposes them with itself.
    /// </remarks>
    public static IServiceCollection AddTenantDatabase<TDb>(this IServiceCollection services, Func<DbContextOptions<TDb>, TDb> create)
        where TDb : TenantDb
    {
        services.TryAddSingleton<EntityFrameworkServices>();
        services.AddSingleton(
            provider => new TenantDatabase<TDb>(Options<TDb>(provider), create, provider.GetRequiredService<IDatabase>()));
        return services;
    }

    static DbContextOptions<TDb> Options<TDb>(IServiceProvider provider) where TDb : TenantDb
        => new DbContextOptionsBuilder<TDb>()
            .UseNpgsql(npgsql => npgsql.UseNodaTime())
            .UseSnakeCaseNamingConvention()
            .UseInternalServiceProvider(provider.GetRequiredService<EntityFrameworkServices>().Provider)
            .AddInterceptors(new TenantCommands())
            .Options;

    sealed class EntityFrameworkServices(ILoggerFactory? logs = null) : IDisposable
    {
        public ServiceProvider Provider { get; } = new ServiceCollection()
            .AddSingleton(logs ?? NullLoggerFactory.Instance)
            .AddEntityFrameworkNpgsql()
            .AddEntityFrameworkNpgsqlNodaTime()
            .AddEntityFrameworkNamingConventions()
            .BuildServiceProvider();

        public void Dispose() => Provider.Dispose();
    }
}
