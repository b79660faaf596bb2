using System.Net;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;

namespace IspHost.Core.Tests.Web;

public sealed class Limits_of_requests(PostgresFixture postgres)
{
    static readonly Dictionary<string, string?> Tight = new()
    {
        ["Limits:PerStranger"] = "1",
        ["Limits:PerKey"] = "1",
        ["Limits:BurstSeconds"] = "5",
    };

    static readonly Dictionary<string, string?> Impatient = new() { ["Limits:TimeoutSeconds"] = "4" };

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hold_strangers_and_whoever_makes_up_keys_by_their_address_and_nobody_else()
    {
        await using var api = await Api.StartAsync(
            postgres, settings: new() { ["Limits:PerStranger"] = "1", ["Limits:BurstSeconds"] = "5" });
        await Api.GetAsync(api.Tenant, "customers");
        var statuses = new List<int>();
        for (var i = 0; i < 60 && !statuses.Contains(429); i++)
        {
            using var stranger = api.ClientWith($"isp_north_ABCDEFGH_{i:D43}");
            statuses.Add((await Api.GetAsync(stranger, "customers")).Status);
        }

        Assert.Contains(401, statuses);
        Assert.Equal(429, statuses[^1]);
        Assert.Equal(200, (await Api.GetAsync(api.Tenant, "customers")).Status);
    }

    [Fact]
    public async Task Tell_who_asks_for_more_when_to_come_back()
    {
        await using var api = await Api.StartAsync(postgres, settings: Tight);
        var answer = await Api.GetAsync(api.Tenant, "customers");
        for (var i = 0; i < 60 && answer.Status == 200; i++)
            answer = await Api.GetAsync(api.Tenant, "customers");

        Assert.Equal((429, "/problems/too-many-requests", "1"), (answer.Status, answer.Type, answer.RetryAfter));
    }

    [Fact]
    public async Task Give_up_a_request_that_takes_too_long()
    {
        await using var api = await Api.StartAsync(
            postgres,
            routes => routes.MapGet("/api/v1/slow", async (CancellationToken stop) => await Task.Delay(-1, stop)).AllowAnonymous(),
            Impatient);

        var answer = await Api.GetAsync(api.Tenant, "slow");

        Assert.Equal((504, "/problems/timed-out"), (answer.Status, answer.Type));
    }

    [Fact]
    public async Task Ask_the_database_once_about_a_key_that_is_none()
    {
        await using var api = await Api.StartAsync(postgres);
        using var stranger = api.ClientWith($"isp_north_ABCDEFGH_{new string('0', 43)}");
        await stranger.GetAsync("customers", Stop);
        api.Wire.CutAt(1, isReplyLost: false);

        using var answer = await stranger.GetAsync("customers", Stop);

        Assert.Equal((HttpStatusCode.Unauthorized, false), (answer.StatusCode, api.Wire.IsCut));
    }
}
