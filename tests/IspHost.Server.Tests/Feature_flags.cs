using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace IspHost.Server.Tests;

/// <summary>Flags are names for programs, so what is wrong with one is said at once.</summary>
public sealed class Feature_flags(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("flag", """{ "tenants": null }""", "tenants")]
    [InlineData("flag", """{ "tenants": [null] }""", "tenants[0]")]
    [InlineData("flag", """{ "except": null }""", "except")]
    [InlineData("flag", """{ "tenants": ["nobody-has-this-code"] }""", "tenants")]
    [InlineData("flag", """{ "percentage": 101 }""", "percentage")]
    [InlineData("a%0Ab", "{}", "name")]
    [InlineData("flag%0A", "{}", "name")]
    [InlineData("a-name-of-more-than-a-hundred-letters-a-name-of-more-than-a-hundred-letters-a-name-of-more-than-a-hundred", "{}", "name")]
    public async Task With_a_fault_are_refused_by_field(string name, string terms, string field)
    {
        var (status, problem) = await PutAsync(name, terms);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    [Fact]
    public async Task With_another_case_are_the_same_flag()
    {
        await PutAsync("NewBilling", """{ "percentage": 10 }""");

        var (status, flag) = await PutAsync("newbilling", """{ "percentage": 20 }""");

        Assert.Equal((HttpStatusCode.OK, "NewBilling"), (status, flag.GetProperty("name").GetString()));
        var all = await server.Operator.ListAsync<JsonElement>("feature-flags", null, Stop);
        Assert.Single(all, known => known.GetProperty("name").GetString() == "NewBilling");
    }

    async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string name, string terms)
    {
        using var client = server.ClientOfOperator();
        using var body = new StringContent(terms, Encoding.UTF8, "application/json");
        using var answer = await client.PutAsync($"feature-flags/{name}", body, Stop);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Stop));
    }
}
