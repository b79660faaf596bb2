using System.Text.Json.Nodes;
using IspHost.Sdk.Web;

namespace IspHost.Sdk.Tests;

public sealed class ApiChangeTests
{
    static readonly FieldRenamed Renamed = new(ApiVersions.Next, typeof(object), "line_no", "number", "It is called `number` now.");

    [Theory]
    [InlineData("""{"line_no":1,"net":"2"}""", """{"number":1,"net":"2"}""")]
    [InlineData("""{"net":"2","line_no":null}""", """{"net":"2","number":null}""")]
    [InlineData("""{"net":"2"}""", """{"net":"2"}""")]
    public void A_renamed_field_keeps_its_place_and_value_in_both_directions(string before, string now)
    {
        var (older, newer) = (JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(now)!.AsObject());

        Renamed.Upgrade(older, isPatch: true);
        Renamed.Downgrade(newer);

        Assert.Equal((now, before), (older.ToJsonString(), newer.ToJsonString()));
    }

    [Fact]
    public void The_schema_before_has_the_old_name()
    {
        var schema = JsonNode.Parse("""
            { "required": ["net", "number"], "properties": { "number": { "type": "integer" }, "net": { "type": "string" } } }
            """)!.AsObject();

        Renamed.Describe(schema);

        Assert.Equal(
            """{"required":["net","line_no"],"properties":{"line_no":{"type":"integer"},"net":{"type":"string"}}}""",
            schema.ToJsonString());
        Assert.Equal(("line_no", "net"), (Renamed.NameBefore("number"), Renamed.NameBefore("net")));
        Assert.Equal(["number"], Renamed.Added);
    }

    [Fact]
    public void Versions_stand_in_the_order_of_their_dates()
        => Assert.Equal(ApiVersions.All.Order(), ApiVersions.All);
}
