using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using IspHost.Server.Serving;

namespace IspHost.Server.Tests;

/// <summary><c>isphost api</c>: any request, as a user words it.</summary>
public sealed partial class Asking_the_API(ServerFixture server) : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("isphost-api-").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("customers")]
    [InlineData("/customers?limit=1")]
    [InlineData("/api/v1/customers")]
    [InlineData("api/v1/customers?limit=1")]
    public async Task Prints_JSON_for_people_whether_or_not_the_path_begins_with_that_of_the_API(string path)
    {
        var tenant = await server.AddTenantAsync();
        await AddAsync(tenant, "Νίκος");

        var (code, output, errors) = await AskAsync("GET", path, "--tenant", tenant);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("""
                  "name": "Νίκος",
            """, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_an_address_for_a_path_so_that_no_other_server_gets_the_operators_key()
    {
        using var other = new TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();

        var (code, _, errors) = await AskAsync("GET", $"http://{other.LocalEndpoint}/tenants");

        Assert.Equal(
            (1, "isphost: There is nothing at this address, or it is another tenant's. [404 /problems/not-found]", false),
            (code, errors.Trim(), other.Pending()));
    }

    [Fact]
    public async Task Prints_all_pages_of_a_list_as_one_list()
    {
        var tenant = await server.AddTenantAsync();
        foreach (var name in (string[])["Ann", "Bob", "Cid", "Dan", "Eve"])
            await AddAsync(tenant, name);

        var (code, output, errors) = await AskAsync("GET", "customers?limit=2", "--tenant", tenant, "--all");

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(
            ["Ann", "Bob", "Cid", "Dan", "Eve"],
            JsonDocument.Parse(output).RootElement.EnumerateArray().Select(item => item.GetProperty("name").GetString()).Order());
    }

    [Fact]
    public async Task Says_what_is_no_list()
    {
        var (code, output, errors) = await AskAsync("GET", "time-zones", "--all");

        Assert.Equal((1, "", "isphost: time-zones is no list: --all needs one."), (code, output, errors.Trim()));
    }

    [Fact]
    public async Task Prints_a_refusal_as_a_line_and_the_fields_that_the_line_does_not_name()
    {
        var tenant = await server.AddTenantAsync();

        var (code, output, errors) = await AskAsync("POST", "customers", "--tenant", tenant, "--body", """{ "name": "" }""");

        Assert.Equal((1, ""), (code, output));
        Assert.Matches("""^isphost: name must be .* \[400 /problems/invalid-field\]\n$""", errors);
    }

    [Fact]
    public async Task Prints_the_problem_document_for_programs()
    {
        var (code, output, _) = await AskAsync("GET", "customers", "--tenant", "nobody", "--json");

        Assert.Equal(
            (1, "There is no tenant 'nobody'."), (code, JsonDocument.Parse(output).RootElement.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Sends_a_file_with_the_headers_that_are_given()
    {
        var tenant = await server.AddTenantAsync();
        var file = Path.Combine(folder, "customer.json");
        await File.WriteAllTextAsync(file, """{ "name": "Ann" }""", Stop);

        string[] request = ["POST", "customers", "--tenant", tenant, "--body", file, "--header", "Idempotency-Key: one"];
        var (first, again) = (await AskAsync(request), await AskAsync(request));

        Assert.Equal((0, 0), (first.Code, again.Code));
        Assert.Equal(first.Output, again.Output);
    }

    [Fact]
    public async Task Writes_what_is_not_JSON_to_a_file_as_it_is()
    {
        var file = Path.Combine(folder, "style.css");

        var (code, output, errors) = await AskAsync("GET", "../../assets/isphost.css", "--output", file);

        Assert.Equal((0, "", ""), (code, output, errors));
        using var client = new HttpClient { BaseAddress = server.Address };
        Assert.Equal(await client.GetStringAsync("assets/isphost.css", Stop), await File.ReadAllTextAsync(file, Stop));
    }

    [Fact]
    public async Task Makes_a_POST_that_got_no_answer_safe_to_repeat()
    {
        var tenant = await server.AddTenantAsync();
        string key;
        using (var taken = DataFolder.Take(folder))
        {
            taken.Announce(new RunningServer(DeadAddress(), "isp_key", Environment.ProcessId));
            var (code, _, errors) = await ProgramUnderTest.RunAsync("api", "POST", "customers", "--data", folder);
            Assert.Equal(1, code);
            Assert.Contains("does not answer", errors, StringComparison.Ordinal);
            key = Repetition().Match(errors).Groups["key"].Value;
        }

        string[] request = ["POST", "customers", "--tenant", tenant, "--body", """{ "name": "Ann" }""", "--key", key];
        var (first, again) = (await AskAsync(request), await AskAsync(request));

        Assert.Equal((0, first.Output), (first.Code, again.Output));
        var (_, customers, _) = await AskAsync("GET", "customers", "--tenant", tenant, "--all");
        Assert.Single(JsonDocument.Parse(customers).RootElement.EnumerateArray());
    }

    [Theory]
    [InlineData("'FETCH' is not a method: use GET, HEAD, POST, PUT, PATCH, DELETE.", "FETCH", "customers")]
    [InlineData("--all is for GET.", "POST", "customers", "--all")]
    [InlineData("--key is for POST: any other request may be repeated as it is.", "PUT", "customers", "--key", "one")]
    [InlineData("'Accept' is not a header such as Accept:application/json.", "GET", "customers", "--header", "Accept")]
    public async Task Refuses_what_makes_no_request(string reason, params string[] arguments)
    {
        var (code, output, errors) = await AskAsync(arguments);

        Assert.Equal((1, "", reason), (code, output, errors.Trim()));
    }

    [GeneratedRegex("To send it again, add --key (?<key>[-0-9a-f]{36}): what was done is then not done twice.")]
    private static partial Regex Repetition();

    Task<(int Code, string Output, string Errors)> AskAsync(params string[] arguments)
        => ProgramUnderTest.RunAsync(["api", .. arguments, "--data", server.Data]);

    async Task AddAsync(string tenant, string name)
        => await server.Operator.PostAsync<JsonElement>("customers", tenant, new { name }, Stop);

    static Uri DeadAddress()
    {
        using var gone = new TcpListener(System.Net.IPAddress.Loopback, 0);
        gone.Start();
        return new Uri($"http://{gone.LocalEndpoint}");
    }
}
