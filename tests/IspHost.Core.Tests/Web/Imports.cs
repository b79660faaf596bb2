using System.Text;
using IspHost.Testing;

namespace IspHost.Core.Tests.Web;

public sealed class Imports(PostgresFixture postgres)
{
    const string Plan = """
        { "code": "home", "name": "Plan", "network": { "up": 1000000, "down": 1000000 }, "price": { "tax_class": "standard" } }
        """;

    [Fact]
    public async Task Refuse_the_row_whose_name_is_taken_while_they_run_and_take_the_others()
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Tenant, "plans", Plan);
        await using var other = await api.BeginAsync($"""
            insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
            values ('{api.Id}', '{api.Id}', '1', 'A customer', 'GR', 'home', '2026-01-01');
            insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
            values ('{api.Id}', gen_random_uuid(), '{api.Id}', 'active', 'bob', '', '2026-01-01')
            """);
        var import = Api.ImportAsync(api.Tenant, "username,password,plan\nann,secret,home\nbob,secret,home\ncid,secret,home\n");
        await api.UntilWaitingAsync(1);
        await other.CommitAsync(TestContext.Current.CancellationToken);

        var report = (await import).Read();

        Assert.Equal((2, 1), (report.GetProperty("imported").GetInt32(), report.GetProperty("refused").GetInt32()));
        Assert.Equal(3, report.GetProperty("rows")[0].GetProperty("row").GetInt32());
        Assert.Equal("the user name is taken", report.GetProperty("rows")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Refuse_a_file_with_columns_that_nothing_would_read()
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Tenant, "plans", Plan);

        var unknown = await Api.ImportAsync(api.Tenant, "username,password,plan,adress\nann,secret,home,x\n");
        var doubled = await Api.ImportAsync(api.Tenant, "username,password,plan,plan\nann,secret,home,home\n");

        Assert.Equal(
            ["file must be a file of subscribers. There is no column 'adress' of subscribers: only username, password and plan"],
            unknown.Errors);
        Assert.Equal(["file must be a file of subscribers. A column stands in the header twice"], doubled.Errors);
        Assert.Equal(0, await api.AskAsync<long>("select count(*) from host.subscription"));
    }

    [Fact]
    public async Task Count_all_rows_that_they_refuse_and_report_the_first_thousand()
    {
        await using var api = await Api.StartAsync(postgres);
        var file = new StringBuilder("username,password,plan\n").Insert(23, "a\n", 20_000).ToString();

        var report = (await Api.ImportAsync(api.Tenant, file)).Read();

        Assert.Equal((20_000, 1000), (report.GetProperty("refused").GetInt32(), report.GetProperty("rows").GetArrayLength()));
        Assert.Equal(1001, report.GetProperty("rows")[999].GetProperty("row").GetInt32());
    }
}
