using IspHost.Core.Tests.Web;
using IspHost.Sdk.Flags;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>When a feature is on: by the tenant's clock, as it hangs on a wall.</summary>
public sealed class Windows_of_flags(SharedApi shared) : IClassFixture<SharedApi>
{
    const string Nights = """
        {
          "percentage": 100,
          "windows": [{ "from": "2030-03-01T22:00:00", "until": "2030-03-02T06:00:00", "repeat": { "every": "day" } }]
        }
        """;

    const string FridaysAndSaturdays = """
        {
          "percentage": 100,
          "windows": [
            {
              "from": "2030-03-01T20:00:00", "until": "2030-03-01T23:00:00",
              "repeat": { "every": "week", "interval": 2, "days": ["friday", "saturday"], "last_day": "2030-03-30" }
            }
          ]
        }
        """;

    /// <summary>Athens is 2 hours ahead of UTC, and 3 from 2030-03-31 on.</summary>
    [Theory]
    [InlineData(Nights, "2030-03-01T19:59:59Z", false)]
    [InlineData(Nights, "2030-03-01T20:00:00Z", true)]
    [InlineData(Nights, "2030-03-02T03:59:59Z", true)]
    [InlineData(Nights, "2030-03-02T04:00:00Z", false)]
    [InlineData(Nights, "2030-03-30T20:00:00Z", true)]
    [InlineData(Nights, "2030-03-31T03:00:00Z", false)]
    [InlineData(Nights, "2030-04-01T18:59:59Z", false)]
    [InlineData(Nights, "2030-04-01T19:00:00Z", true)]
    [InlineData(Nights, "2030-04-02T02:59:59Z", true)]
    [InlineData(Nights, "2030-04-02T03:00:00Z", false)]
    [InlineData(FridaysAndSaturdays, "2030-03-01T18:00:00Z", true)]
    [InlineData(FridaysAndSaturdays, "2030-03-02T18:00:00Z", true)]
    [InlineData(FridaysAndSaturdays, "2030-03-03T18:00:00Z", false)]
    [InlineData(FridaysAndSaturdays, "2030-03-08T18:00:00Z", false)]
    [InlineData(FridaysAndSaturdays, "2030-03-15T18:00:00Z", true)]
    [InlineData(FridaysAndSaturdays, "2030-03-30T18:00:00Z", true)]
    [InlineData(FridaysAndSaturdays, "2030-04-12T18:00:00Z", false)]
    [InlineData("""{ "percentage": 100, "windows": [{ "until": "2030-03-01T12:00:00" }] }""", "2030-03-01T09:59:59Z", true)]
    [InlineData("""{ "percentage": 100, "windows": [{ "until": "2030-03-01T12:00:00" }] }""", "2030-03-01T10:00:00Z", false)]
    [InlineData("""{ "percentage": 100, "windows": [{ "from": "2030-03-01T12:00:00" }] }""", "2030-03-01T10:00:00Z", true)]
    public async Task Are_open_when_the_tenants_clock_shows_it(string terms, string now, bool isOn)
    {
        await Api.SetFlagAsync("window", terms);
        var tenant = await TenantAtAsync(now);

        Assert.Equal(isOn, await Api.IsOnAsync("window", tenant));
    }

    [Fact]
    public async Task Are_open_for_each_tenant_at_its_own_time()
    {
        await Api.SetFlagAsync("own", """
            { "percentage": 100, "windows": [{ "from": "2030-03-01T12:00:00", "until": "2030-03-01T13:00:00" }] }
            """);

        Assert.True(await Api.IsOnAsync("own", await TenantAtAsync("2030-02-28T23:30:00Z", "Pacific/Auckland")));
        Assert.False(await Api.IsOnAsync("own", await TenantAtAsync("2030-02-28T23:30:00Z")));
    }

    [Fact]
    public async Task Are_one_open_window_of_several()
    {
        await Api.SetFlagAsync("several", """
            {
              "percentage": 100,
              "windows": [
                { "from": "2030-03-01T00:00:00", "until": "2030-03-02T00:00:00" },
                { "from": "2030-03-04T00:00:00", "until": "2030-03-05T00:00:00" }
              ]
            }
            """);

        var explanation = await Api.ExplainAsync("several", await TenantAtAsync("2030-03-04T10:00:00Z"));

        Assert.True(explanation.Enabled);
        Assert.Equal("windows[1] is open at 2030-03-04 12:00:00 of the tenant's clock", explanation.Conditions[^1].Why);
    }

    /// <summary>The hour that comes twice is open twice, and the one that is left out is not there.</summary>
    [Theory]
    [InlineData("2030-10-27T00:30:00Z", true)]
    [InlineData("2030-10-27T01:30:00Z", true)]
    [InlineData("2030-10-27T02:00:00Z", false)]
    [InlineData("2030-03-31T00:59:59Z", false)]
    [InlineData("2030-03-31T01:00:00Z", false)]
    public async Task Go_by_what_the_clock_shows_when_it_is_changed(string now, bool isOn)
    {
        await Api.SetFlagAsync("changed", """
            {
              "percentage": 100,
              "windows": [{ "from": "2030-01-01T03:00:00", "until": "2030-01-01T04:00:00", "repeat": { "every": "day" } }]
            }
            """);

        Assert.Equal(isOn, await Api.IsOnAsync("changed", await TenantAtAsync(now)));
    }

    Api Api => shared.Api;

    async Task<FlagSubject> TenantAtAsync(string now, string zone = "Europe/Athens")
    {
        var code = $"t{Guid.NewGuid():N}"[..16];
        var made = await Api.PostAsync(Api.Operator, "tenants", $$"""{ "code": "{{code}}", "currency": "EUR", "zone": "{{zone}}" }""");
        var clock = await Api.PutAsync(Api.Operator, $"tenants/{code}/clock", $$"""{ "now": "{{now}}" }""");
        Assert.True(clock.Status == 200, clock.Body);
        return FlagSubject.Of(Sdk.TenantId.From(made.Read().GetProperty("id").GetGuid()));
    }
}
