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

    /// <summary>What the operator types is what the API then says, and the other way round.</summary>
    [Fact]
    public async Task Are_rolled_out_and_explained_on_the_command_line_as_through_the_API()
    {
        var tenant = await server.AddTenantAsync();

        var made = await AskAsync("set", "new-tariff", "--group", $"tenant:{tenant}", "--group", "tag:a=b=12.5", "--filter", "gone=x=y");
        var refused = await AskAsync("set", "new-tariff", "--percentage", "101");
        await PutAsync("new-tariff", $$"""{ "groups": [{ "name": "tenant:{{tenant}}" }], "percentage": 5 }""");
        var changed = await AskAsync("set", "NEW-TARIFF", "--percentage", "25", "--of", "customers");
        var listed = await AskAsync("list");
        var explained = await AskAsync("explain", "new-tariff", "--tenant", tenant);
        var asJson = await AskAsync("explain", "new-tariff", "--tenant", tenant, "--json");
        var off = await AskAsync("set", "new-tariff", "--enabled", "false");
        var deleted = await AskAsync("delete", "new-tariff");
        var gone = await AskAsync("explain", "new-tariff", "--tenant", tenant);

        Assert.Equal((0, $"new-tariff: tenant:{tenant}, 12.5 % of tag:a=b; filter gone."), (made.Code, made.Output.Trim()));
        Assert.Equal((1, "isphost: percentage must be a number, 0 to 100."), (refused.Code, refused.Errors.Trim()));
        Assert.Equal($"new-tariff: tenant:{tenant}, 25 % of all customers.", changed.Output.Trim());
        Assert.Matches($@"(?m)^new-tariff +tenant:{tenant}, 25 % of all customers +20\d\d-", listed.Output);
        Assert.Equal(
            [
                $"new-tariff is on for tenant {tenant}. Decided by: all.", $"Groups: tenant:{tenant}.", "CONDITION  OUTCOME  WHY",
                "enabled    met      it is switched on", $"audience   met      group tenant:{tenant} have it",
            ], explained.Output.TrimEnd().Split(Environment.NewLine));
        Assert.True(JsonDocument.Parse(asJson.Output).RootElement.GetProperty("enabled").GetBoolean());
        Assert.Equal("new-tariff: nobody, it is switched off.", off.Output.Trim());
        Assert.Equal("new-tariff was removed.", deleted.Output.Trim());
        Assert.Equal((1, true), (gone.Code, gone.Errors.StartsWith("isphost: There is nothing at this address", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Are_set_from_a_file_that_says_all_of_them()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("isphost-flags-").FullName, "terms.json");
        await File.WriteAllTextAsync(
            file,
            """{ "percentage": 100, "variants": [{ "name": "a", "percentage": 50 }, { "name": "b" }], "default_variant": "b" }""", Stop);

        var set = await AskAsync("set", "from-a-file", "--file", file);
        var both = await AskAsync("set", "from-a-file", "--file", file, "--percentage", "5");
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

        Assert.Equal("from-a-file: all; variants a/b.", set.Output.Trim());
        Assert.Equal((1, "isphost: --file says all of a flag: leave the other options out."), (both.Code, both.Errors.Trim()));
    }

    Task<(int Code, string Output, string Errors)> AskAsync(params string[] arguments)
        => ProgramUnderTest.RunAsync(["flags", .. arguments, "--data", server.Data]);

    async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string name, string terms)
    {
        using var client = server.ClientOfOperator();
        using var body = new StringContent(terms, Encoding.UTF8, "application/json");
        using var answer = await client.PutAsync($"feature-flags/{name}", body, Stop);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Stop));
    }
}
