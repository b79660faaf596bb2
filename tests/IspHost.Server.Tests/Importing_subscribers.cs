using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IspHost.Core.Catalog;
using IspHost.Core.Subscriptions;
using IspHost.Sdk;

namespace IspHost.Server.Tests;

public sealed class Importing_subscribers(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_over_the_good_rows_and_names_the_bad_ones()
    {
        var tenant = await TenantWithPlanAsync();

        var report = await ImportAsync(
            tenant, "username,password,plan\nann,secret,home\nbob,,home\ncid,secret,none\nann,again,home\ndan,secret,home\n");

        Assert.Equal((2, 3), (report.Imported, report.Refused));
        Assert.Equal([3, 4, 5], report.Rows.Select(row => row.Row));
        Assert.Equal("there is no plan 'none'", report.Rows[1].Reason);
    }

    [Fact]
    public async Task Takes_over_ten_thousand_rows_and_none_of_them_twice()
    {
        var tenant = await TenantWithPlanAsync();
        var file = new StringBuilder("username,password,plan\n");
        for (var i = 0; i < 10_000; i++)
            file.Append("user-").Append(i).Append(",pass-").Append(i).Append(",home\n");

        var first = await ImportAsync(tenant, file.ToString());
        var second = await ImportAsync(tenant, file.ToString());

        Assert.Equal((10_000, 0), (first.Imported, first.Refused));
        Assert.Equal((0, 10_000), (second.Imported, second.Refused));
        Assert.Equal("the user name is taken", second.Rows[0].Reason);
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

    async Task<string> TenantWithPlanAsync()
    {
        var tenant = await server.AddTenantAsync();
        await server.Operator.PostAsync<JsonElement>("plans", tenant, new PlanTerms
        {
            Code = "home",
            Name = "Home",
            Network = new NetworkTerms { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(50) },
            Price = new PlanPrice { Recurring = new Money(20m, Currency.Of("EUR")) },
        }, Stop);
        return tenant;
    }

    async Task<ImportReport> ImportAsync(string tenant, string file)
    {
        using var content = new StringContent(file, new MediaTypeHeaderValue("text/csv", "utf-8"));
        return await server.Operator.PostAsync<ImportReport>("imports/subscribers", tenant, content, Stop);
    }
}
