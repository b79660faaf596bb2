using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IspHost.Core.Catalog;
using IspHost.Core.Imports;
using IspHost.Sdk;
using IspHost.Server.Client;
using IspHost.Server.Commands;

namespace IspHost.Server.Tests;

public sealed class Importing_subscribers(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_over_the_good_rows_and_names_the_bad_ones()
    {
        var tenant = await TenantWithPlanAsync();

        var import = await ImportAsync(
            tenant, "username,password,plan\nann,secret,home\nbob,,home\ncid,secret,none\nann,again,home\ndan,secret,home\n");

        var refused = await server.Operator.ListAsync<RefusedRow>($"imports/{import.Id}/refused-rows", tenant, Stop);
        Assert.Equal((2, 3), (import.Imported, import.Refused));
        Assert.Equal([3, 4, 5], refused.Select(row => row.Row));
        Assert.Equal("there is no plan 'none'", refused[1].Reason);
    }

    [Fact]
    public async Task Takes_over_ten_thousand_rows_and_none_of_them_twice()
    {
        var tenant = await TenantWithPlanAsync();
        var file = FileOf(10_000);

        var first = await ImportAsync(tenant, file);
        var second = await ImportAsync(tenant, file);

        Assert.Equal((10_000, 0), (first.Imported, first.Refused));
        Assert.Equal((0, 10_000), (second.Imported, second.Refused));
        var listed = await server.Operator.ListAsync<ImportView>("imports", tenant, Stop);
        Assert.Equal([second, first], listed);
    }

    [Fact]
    public async Task Answers_with_the_end_who_prefers_to_wait_for_it()
    {
        var tenant = await TenantWithPlanAsync();
        using var client = await server.ClientOfAsync(tenant);
        using var request = new HttpRequestMessage(HttpMethod.Post, "imports/subscribers")
        {
            Content = new StringContent("username,password,plan\nann,secret,home\n", new MediaTypeHeaderValue("text/csv", "utf-8")),
        };
        request.Headers.Add("Prefer", "wait=25");

        using var answer = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var import = await answer.Content.ReadFromJsonAsync<ImportView>(ApiClient.Json, Stop);
        Assert.Equal((ImportState.Done, 1, 0), (import!.State, import.Imported, import.Refused));
    }

    [Theory]
    [InlineData("ann,secret,home\nbob,,home\n", 0, "1 imported, 1 refused.", "")]
    [InlineData("bob,,home\ncid,secret,none\n", 1, "0 imported, 2 refused.", "isphost: Nothing was imported: every row was refused.")]
    public async Task On_the_command_line_fails_when_every_row_was_refused(string rows, int expected, string report, string reason)
    {
        var tenant = await TenantWithPlanAsync();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"username,password,plan\n{rows}", Stop);

        var (code, output, errors) = await ProgramUnderTest.RunAsync(
            "import", "subscribers", file, "--tenant", tenant, "--data", server.Data);

        Assert.Equal((expected, report, reason), (code, output.TrimEnd().Split('\n')[^1], errors.Trim()));
        File.Delete(file);
    }

    /// <summary>So many subscribers of the plan <c>home</c>.</summary>
    internal static string FileOf(int rows)
    {
        var file = new StringBuilder("username,password,plan\n");
        for (var i = 0; i < rows; i++)
            file.Append("user-").Append(i).Append(",pass-").Append(i).Append(",home\n");
        return file.ToString();
    }

    async Task<string> TenantWithPlanAsync()
    {
        var tenant = await server.AddTenantAsync();
        await AddPlanAsync(server.Operator, tenant);
        return tenant;
    }

    /// <summary>Lets a tenant sell a plan, <c>home</c>.</summary>
    internal static Task AddPlanAsync(ApiClient api, string tenant) => api.PostAsync<JsonElement>("plans", tenant, new PlanTerms
    {
        Code = "home",
        Name = "Home",
        Network = new NetworkTerms { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(50) },
        Price = new PlanPrice { Recurring = new Money(20m, Currency.Of("EUR")) },
    }, Stop);

    Task<ImportView> ImportAsync(string tenant, string file)
        => ImportCommand.ImportAsync(server.Operator, tenant, file, _ => { }, Stop);
}
