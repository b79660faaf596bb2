using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Plugins;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Core.Zones;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NodaTime;
using NodaTime.Testing;

namespace IspHost.Core.Tests.Zones;

public sealed class Zones_of_tenants(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_those_of_the_file_and_health_names_who_disagrees()
    {
        await using var test = await postgres.CreateAsync();
        await test.AddTenantAsync("north", zone: "Europe/Athens");
        await test.AddTenantAsync("south", zone: "Africa/Accra");
        using var file = ZoneFile.Swapping("Europe/Athens", "Europe/Madrid");
        await using var services = Services(test, ZoneRules.From(file.Path));
        var tenants = services.GetRequiredService<TenantDirectory>();
        await tenants.ReloadAsync(Stop);

        Assert.Equal(Offset.FromHours(1), tenants.Find("north")!.Zone.GetUtcOffset(Instant.FromUtc(2026, 1, 15, 0, 0)));

        var health = await services.GetRequiredService<ZoneHealth>().CheckHealthAsync(new HealthCheckContext(), Stop);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("Europe/Athens: UTC+02 here, UTC+03 in postgresql", health.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("Accra", health.Description, StringComparison.Ordinal);
    }

    static ServiceProvider Services(TestDatabase test, ZoneRules rules) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IClock>(new FakeClock(Instant.FromUtc(2026, 10, 14, 9, 0)))
        .AddSingleton(rules)
        .AddIspHost((HostConnections)test.Database, VaultKeys.Of(new byte[32]), new PluginFolders([]))
        .BuildServiceProvider();
}
