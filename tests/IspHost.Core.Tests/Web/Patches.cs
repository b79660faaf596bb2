using IspHost.Core.Web;
using IspHost.Core.Web.Contract;
using IspHost.Sdk.Web;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Tests.Web;

public sealed class Patches(PostgresFixture postgres)
{
    sealed record Thing(string Name, Place? Place = null);

    sealed record Place(string Town, string? Street = null);

    [Fact]
    public async Task Make_a_part_that_is_not_there_if_it_is_given_whole()
    {
        await using var api = await Api.StartAsync(postgres, Map);

        var whole = await Api.AskAsync(api.Tenant, "PATCH", "bare", """{ "place": { "town": "Volos", "street": null } }""");
        var half = await Api.AskAsync(api.Tenant, "PATCH", "bare", """{ "place": { "street": "Main" } }""");
        var changed = await Api.AskAsync(api.Tenant, "PATCH", "placed", """{ "place": { "street": "Main" } }""");

        Assert.Equal("""{"name":"it","place":{"town":"Volos"}}""", whole.Body);
        Assert.Equal(["place must be whole, and a value of its type"], half.Errors);
        Assert.Equal("""{"name":"it","place":{"town":"Lamia","street":"Main"}}""", changed.Body);
    }

    static void Map(IEndpointRouteBuilder routes)
    {
        var things = routes.MapGroup("/api/v1").ChecksRequests().ForTenants("customers");
        things.MapPatch("/bare", (MergePatch<Thing> patch) => TypedResults.Ok(patch.ApplyTo(new("it"))));
        things.MapPatch("/placed", (MergePatch<Thing> patch) => TypedResults.Ok(patch.ApplyTo(new("it", new("Lamia")))));
    }
}
