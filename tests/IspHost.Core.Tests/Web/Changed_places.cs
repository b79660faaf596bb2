using System.Text.Json.Nodes;
using IspHost.Core.Web;
using IspHost.Core.Web.Contract;
using IspHost.Core.Web.Versions;
using IspHost.Sdk.Web;

namespace IspHost.Core.Tests.Web;

public sealed class Changed_places
{
    static readonly ApiChange[] Changes =
    [
        new FieldRenamed(ApiVersions.Next, typeof(Line), "line_no", "number", "Lines have numbers."),
        new FieldRenamed(ApiVersions.Next, typeof(Bill), "lines", "items", "Bills have items."),
    ];

    static readonly ChangedPlaces Places = ChangedPlaces.Of(ApiJson.Options.GetTypeInfo(typeof(List<Bill>)), Changes)!;

    [Theory]
    [InlineData("""[{"lines":[{"line_no":1},{"line_no":2}]}]""", """[{"items":[{"number":1},{"number":2}]}]""")]
    [InlineData("""[{"lines":[{"line_no":1,"of":{"lines":[]}}]},{}]""", """[{"items":[{"number":1,"of":{"lines":[]}}]},{}]""")]
    [InlineData("""[{"lines":7},null,"x"]""", """[{"items":7},null,"x"]""")]
    public void Are_found_in_lists_and_inside_of_others_and_nowhere_else(string before, string now)
    {
        var (older, newer) = (JsonNode.Parse(before), JsonNode.Parse(now));

        Places.Upgrade(older, ApiVersions.First, isPatch: false, new Faults());
        Places.Downgrade(newer, ApiVersions.First);

        Assert.Equal((now, before), (older!.ToJsonString(), newer!.ToJsonString()));
    }

    [Theory]
    [InlineData("[0].items[3].number", "[0].lines[3].line_no")]
    [InlineData("[0].items[3].net", "[0].lines[3].net")]
    [InlineData("[0].items", "[0].lines")]
    [InlineData("[0].other.items", "[0].other.items")]
    [InlineData("body", "body")]
    public void Are_named_as_the_caller_names_them(string now, string before)
        => Assert.Equal(before, Places.NameBefore(now, ApiVersions.First));

    [Fact]
    public void Have_no_field_that_came_later()
    {
        var faults = new Faults();

        Places.Upgrade(JsonNode.Parse("""[{"lines":[{"number":1}]}]"""), ApiVersions.First, isPatch: false, faults);

        Assert.Equal([("[0].items[0].number", "left out: there is no such field")], faults.All);
    }

    [Fact]
    public void Are_none_where_nothing_has_changed()
        => Assert.Null(ChangedPlaces.Of(ApiJson.Options.GetTypeInfo(typeof(Dictionary<string, string>)), Changes));

    sealed record Bill(IReadOnlyList<Line> Items);

    sealed record Line(int Number, string Net, Origin? Of);

    sealed record Origin(IReadOnlyList<string> Lines);
}
