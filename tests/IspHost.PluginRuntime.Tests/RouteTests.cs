using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace IspHost.PluginRuntime.Tests;

public sealed class RouteTests
{
    [Theory]
    [InlineData("GET /customers/{code}", "the endpoint GET /customers/{code} is one of the host already")]
    [InlineData("* /customers/{code}", "the endpoint * /customers/{code} is one of the host already")]
    [InlineData("POST /Parcels", "the endpoint POST /Parcels is one of plugin other already")]
    public void A_route_that_is_taken_is_refused_by_its_name(string route, string reason)
    {
        var refused = Assert.Throws<PluginLoadException>(() => Taken().Claim("mine", [Route(route)]));

        Assert.Equal($"Plugin mine was refused (switch, ISP1461): {reason}.", refused.Message);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_since_clients_have_one_function_of_a_name()
    {
        var endpoints = new PluginEndpoints();
        endpoints.Set("other", [Named("GET /parcels", "listParcels")]);

        var refused = Assert.Throws<PluginLoadException>(() => endpoints.Claim("mine", [Named("GET /packets", "listParcels")]));
        endpoints.Claim("mine", [Named("GET /packets", "listPackets")]);

        Assert.Equal(
            "Plugin mine was refused (switch, ISP1461): an endpoint of plugin other has the name listParcels already.", refused.Message);
    }

    [Theory]
    [InlineData("DELETE /customers/{code}")]
    [InlineData("GET /customers/{id:int}")]
    [InlineData("GET /customers/{id}/parcels")]
    [InlineData("GET /customers")]
    public void A_route_that_routing_tells_apart_is_not(string route)
        => Taken().Claim("mine", [Route(route)]);

    [Fact]
    public void A_route_is_reserved_until_the_plugin_has_others()
    {
        var endpoints = new PluginEndpoints();
        endpoints.Claim("mine", [Route("GET /mine")]);
        Assert.Throws<PluginLoadException>(() => endpoints.Claim("other", [Route("GET /mine")]));

        endpoints.Set("mine", []);

        endpoints.Claim("other", [Route("GET /mine")]);
    }

    static PluginEndpoints Taken()
    {
        var endpoints = new PluginEndpoints();
        endpoints.Spare([new DefaultEndpointDataSource(Route("GET /customers/{id}")), endpoints]);
        endpoints.Set("other", [Route("POST /parcels")]);
        endpoints.Set("mine", [Route("GET /mine")]);
        return endpoints;
    }

    static RouteEndpoint Named(string text, string name) => Route(text, new EndpointNameMetadata(name));

    static RouteEndpoint Route(string text, params object[] more)
    {
        var words = text.Split(' ');
        object[] metadata = words[0] == "*" ? more : [new HttpMethodMetadata([words[0]]), .. more];
        return new RouteEndpoint(
            _ => Task.CompletedTask, RoutePatternFactory.Parse(words[1]), 0, new EndpointMetadataCollection(metadata), text);
    }
}
