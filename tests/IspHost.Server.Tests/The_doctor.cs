using IspHost.Core.Zones;

namespace IspHost.Server.Tests;

public sealed class The_doctor(ServerFixture server)
{
    [Fact]
    public async Task Names_the_rules_of_time_zones_in_use()
    {
        await server.AddTenantAsync();

        var (code, said, errors) = await ProgramUnderTest.RunAsync("doctor", "--data", server.Data);

        Assert.True(code == 0, errors);
        Assert.StartsWith($"Time zones: {ZoneRules.BuiltIn.Version}{Environment.NewLine}", said, StringComparison.Ordinal);
    }
}
