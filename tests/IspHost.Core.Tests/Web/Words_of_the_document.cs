using System.Text.Json;

namespace IspHost.Core.Tests.Web;

/// <summary>What clients are made from.</summary>
public sealed class Words_of_the_document(SharedApi shared) : IClassFixture<SharedApi>
{
    [Theory]
    [InlineData("/api/v1/customers/{id}", "id")]
    [InlineData("/api/v1/subscriptions/{id}/usage", "id")]
    [InlineData("/api/v1/subscriptions", "customer")]
    public async Task Say_of_an_identity_in_an_address_that_it_is_a_UUID(string path, string name)
    {
        var parameter = (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("parameters")
            .EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == name);

        Assert.Equal("uuid", parameter.GetProperty("schema").GetProperty("format").GetString());
    }

    [Fact]
    public async Task Tell_what_is_asked_of_a_new_key_from_what_is_shown_of_it()
    {
        var create = (await DocumentAsync()).GetProperty("paths").GetProperty("/api/v1/api-keys").GetProperty("post");

        Assert.EndsWith("/NewApiKey", SchemaOf(create.GetProperty("requestBody")), StringComparison.Ordinal);
        Assert.EndsWith("/IssuedApiKey", SchemaOf(create.GetProperty("responses").GetProperty("201")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Give_the_rules_of_a_list_to_its_items()
    {
        var details = (await DocumentAsync()).GetProperty("components").GetProperty("schemas").GetProperty("CustomerDetails")
            .GetProperty("properties");

        foreach (var name in (string[])["address", "tags"])
        {
            Assert.False(details.GetProperty(name).TryGetProperty("pattern", out _));
            Assert.True(details.GetProperty(name).GetProperty("items").TryGetProperty("pattern", out _));
            Assert.True(details.GetProperty(name).TryGetProperty("maxItems", out _));
        }
    }

    [Fact]
    public async Task Have_no_part_that_nothing_refers_to()
    {
        var document = (await Api.GetAsync(shared.Api.Tenant, "/openapi/2027-06-01.json")).Body;

        foreach (var kind in (string[])["schemas", "responses"])
        {
            var names = JsonDocument.Parse(document).RootElement.GetProperty("components").GetProperty(kind).EnumerateObject();
            Assert.All(names, part => Assert.Contains($"\"#/components/{kind}/{part.Name}\"", document, StringComparison.Ordinal));
        }
    }

    async Task<JsonElement> DocumentAsync() => (await Api.GetAsync(shared.Api.Tenant, "/openapi/v1.json")).Read();

    static string? SchemaOf(JsonElement body)
        => body.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString();
}
