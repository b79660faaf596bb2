using IspHost.Core.Tests.Web;
using IspHost.Core.Web;
using IspHost.Sdk.Web;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>They are there for tenants that have the feature, and for nobody else.</summary>
public sealed class Endpoints_behind_flags(PostgresFixture postgres)
{
    [Fact]
    public async Task Are_not_there_while_the_flag_is_off()
    {
        await using var api = await Api.StartAsync(postgres, Map);
        using var south = await api.AddTenantAsync("south");

        var before = await Api.GetAsync(api.Tenant, "new");
        await api.SetFlagAsync("new-things", """{ "tenants": ["north"] }""");
        var (with, without) = (await Api.GetAsync(api.Tenant, "new"), await Api.GetAsync(south, "new"));
        await Api.AskAsync(api.Operator, "DELETE", "feature-flags/new-things", null);
        var after = await Api.GetAsync(api.Tenant, "new");

        Assert.Equal((404, "/problems/not-found"), (before.Status, before.Type));
        Assert.Equal((200, 404, 404), (with.Status, without.Status, after.Status));
        Assert.Equal("/problems/not-found", without.Type);
    }

    [Fact]
    public async Task Need_all_flags_that_they_are_behind()
    {
        await using var api = await Api.StartAsync(postgres, Map);
        await api.SetFlagAsync("new-things", """{ "percentage": 100 }""");

        var one = await Api.GetAsync(api.Tenant, "newer");
        await api.SetFlagAsync("newer-things", """{ "percentage": 100 }""");

        Assert.Equal((404, 200), (one.Status, (await Api.GetAsync(api.Tenant, "newer")).Status));
    }

    [Fact]
    public async Task Of_the_operator_are_there_with_a_tenant_alone()
    {
        await using var api = await Api.StartAsync(postgres, Map);
        await api.SetFlagAsync("new-things", """{ "percentage": 100 }""");

        Assert.Equal(404, (await Api.GetAsync(api.Operator, "watched")).Status);
        Assert.Equal(200, (await Api.AskAsync(api.Operator, "GET", "new", null, ("Tenant", "north"))).Status);
    }

    [Fact]
    public async Task Do_not_say_to_strangers_that_they_are_there()
    {
        await using var api = await Api.StartAsync(postgres, Map);
        using var stranger = api.ClientWith("isp_nobody");

        Assert.Equal(401, (await Api.GetAsync(stranger, "new")).Status);
    }

    static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1").BehindFlag("new-things");
        group.MapGet("/new", () => TypedResults.Ok("new")).ForTenants("new");
        group.MapGet("/newer", () => TypedResults.Ok("newer")).ForTenants("new").BehindFlag("newer-things");
        group.MapGet("/watched", () => TypedResults.Ok("watched")).ForOperators();
    }
}
