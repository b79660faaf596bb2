using IspHost.Core.Tenancy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IspHost.Core.Secrets;

static class SecretsSetup
{
    public static IServiceCollection AddSecrets(this IServiceCollection services, VaultKeys keys)
    {
        services.TryAddSingleton<TenantSql>();
        return services
            .AddSingleton(_ => new Vault(keys))
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<VaultRotation>(provider, keys))
            .AddHostedService(provider => provider.GetRequiredService<VaultRotation>());
    }
}
