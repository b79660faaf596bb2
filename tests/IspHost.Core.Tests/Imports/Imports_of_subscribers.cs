using System.Text;
using IspHost.Core.Tests.Web;
using IspHost.Testing;

namespace IspHost.Core.Tests.Imports;

[TakesLong]
public sealed class Imports_of_subscribers(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_answered_before_a_row_is_imported_and_watched_where_the_answer_says()
    {
        await using var importing = await Importing.OpenAsync(postgres);

        var answer = await Api.ImportAsync(importing.Api.Tenant, Importing.FileOf(2500) + "bob,,home\n");
        var import = answer.Read().GetProperty("id").GetGuid();

        Assert.Equal((202, $"/api/v1/imports/{import}"), (answer.Status, answer.Location));
        Assert.Equal(0, await importing.CountAsync("subscription"));
        foreach (var done in new[] { 0, 1000, 2000 })
        {
            Assert.Equal(("running", done, 1), await importing.OutcomeAsync(import));
            Assert.Equal(1, await importing.Api.AskAsync<long>($"select count(*) from host.due where kind = 'import' and id = '{import}'"));
            Assert.True(await importing.GoOnAsync(import));
        }
        Assert.Equal(("done", 2500, 1), await importing.OutcomeAsync(import));
        Assert.False(await importing.GoOnAsync(import));
        Assert.Equal((0, 0, 2500), await importing.CountsAsync());
        Assert.Equal([(2502, "password must be 1 to 128 octets of printable text")], await importing.RefusedAsync(import));
    }

    [Fact]
    public async Task Of_nothing_but_bad_rows_are_done_at_once()
    {
        await using var importing = await Importing.OpenAsync(postgres);

        var answer = await Api.ImportAsync(importing.Api.Tenant, "username,password,plan\nann,secret,none\n");

        Assert.Equal((200, "done"), (answer.Status, answer.Read().GetProperty("state").GetString()));
        Assert.Equal(0, await importing.CountAsync("due"));
    }

    [Fact]
    public async Task Refuse_the_row_whose_name_is_taken_while_they_run_and_take_the_others()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        await using var other = await importing.Api.BeginAsync($"""
            insert into host.customer (tenant_id, id, portal_id, name, country, segment, since)
            values ('{importing.Api.Id}', '{importing.Api.Id}', '1', 'A customer', 'GR', 'home', '2026-01-01');
            insert into host.subscription (tenant_id, id, customer_id, state, user_name, password, activated_on)
            values ('{importing.Api.Id}', gen_random_uuid(), '{importing.Api.Id}', 'active', 'bob', '', '2026-01-01')
            """);
        var import = await importing.BeginAsync("username,password,plan\nann,secret,home\nbob,secret,home\ncid,secret,home\n");
        var end = importing.EndAsync(import);
        await importing.Api.UntilWaitingAsync(1);
        await other.CommitAsync(Stop);

        await end;

        Assert.Equal(("done", 2, 1), await importing.OutcomeAsync(import));
        Assert.Equal([(3, "the user name is taken")], await importing.RefusedAsync(import));
    }

    [Theory]
    [InlineData(
        "username,password,plan,adress\nann,secret,home,x\n",
        "There is no column 'adress' of subscribers: only username, password and plan")]
    [InlineData("username,password,plan,plan\nann,secret,home,home\n", "A column stands in the header twice")]
    [InlineData("username,password\nann,secret\n", "The header lacks the column plan")]
    [InlineData("", "The file is empty: it must begin with a header, username,password,plan")]
    public async Task Refuse_a_file_that_is_not_one_and_leave_nothing_of_it(string file, string reason)
    {
        await using var importing = await Importing.OpenAsync(postgres);

        var answer = await Api.ImportAsync(importing.Api.Tenant, file);

        Assert.Equal([$"file must be a file of subscribers. {reason}"], answer.Errors);
        Assert.Equal((0, 0), (await importing.CountAsync("import"), await importing.CountAsync("import_part")));
    }

    [Fact]
    public async Task Count_all_rows_that_they_refuse_and_name_the_first_ten_thousand()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var file = new StringBuilder("username,password,plan\n").Insert(23, "a\n", 20_000).ToString();

        var import = await importing.BeginAsync(file);

        Assert.Equal(("done", 0, 20_000), await importing.OutcomeAsync(import));
        Assert.Equal(10_000, await importing.CountAsync("import_refusal"));
        var page = (await Api.GetAsync(importing.Api.Tenant, $"imports/{import}/refused-rows?limit=500")).Read();
        var next = await Api.GetAsync(
            importing.Api.Tenant, $"imports/{import}/refused-rows?limit=500&cursor={page.GetProperty("next").GetString()}");
        Assert.Equal(501, page.GetProperty("items")[499].GetProperty("row").GetInt32());
        Assert.Equal(502, next.Read().GetProperty("items")[0].GetProperty("row").GetInt32());
    }

    [Fact]
    public async Task Import_each_row_once_whichever_statement_the_connection_breaks_at()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var (rows, cuts) = (0, 0);
        foreach (var isReplyLost in (bool[])[false, true])
        {
            for (var (statement, isCut) = (1, true); isCut; statement++)
            {
                var import = await importing.BeginAsync(Importing.FileOf(1001, $"{isReplyLost}-{statement}"));
                importing.Api.Wire.CutAt(statement, isReplyLost);
                var broken = await Record.ExceptionAsync(() => importing.EndAsync(import));
                isCut = importing.Api.Wire.IsCut;
                importing.Api.Wire.Mend();
                Assert.Equal(isCut, broken is not null);

                await importing.EndAsync(import);

                Assert.Equal(("done", 1001, 0), await importing.OutcomeAsync(import));
                Assert.Equal(rows += 1001, await importing.CountAsync("subscription"));
                cuts += isCut ? 1 : 0;
            }
        }
        Assert.InRange(cuts, 12, 60);
        Assert.Equal(rows, await importing.CountAsync("customer"));
    }

    [Fact]
    public async Task Import_each_row_once_when_several_nodes_work_on_one_file()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var import = await importing.BeginAsync(Importing.FileOf(5000));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => importing.EndAsync(import)));

        Assert.Equal(("done", 5000, 0), await importing.OutcomeAsync(import));
        Assert.Equal(5000, await importing.CountAsync("subscription"));
    }

    [Fact]
    public async Task Of_one_file_handed_in_twice_refuse_every_row_of_the_second()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        await importing.EndAsync(await importing.BeginAsync(Importing.FileOf(2)));
        var second = await importing.BeginAsync(Importing.FileOf(2));

        await importing.EndAsync(second);

        Assert.Equal(("done", 0, 2), await importing.OutcomeAsync(second));
        Assert.Equal([(2, "the user name is taken"), (3, "the user name is taken")], await importing.RefusedAsync(second));
    }

    [Fact]
    public async Task Can_be_cancelled_and_keep_what_they_have_imported()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var import = await importing.BeginAsync(Importing.FileOf(2500));
        await importing.GoOnAsync(import);

        var cancelled = await Api.PostAsync(importing.Api.Tenant, $"imports/{import}/cancel", "");
        var again = await Api.PostAsync(importing.Api.Tenant, $"imports/{import}/cancel", "");

        Assert.Equal((200, 409, "/problems/import-ended"), (cancelled.Status, again.Status, again.Type));
        Assert.False(await importing.GoOnAsync(import));
        Assert.Equal(("cancelled", 1000, 0), await importing.OutcomeAsync(import));
        Assert.Equal((0, 0, 1000), await importing.CountsAsync());
    }

    [Fact]
    public async Task That_cannot_get_on_say_why_and_are_tried_again()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var import = await importing.BeginAsync(Importing.FileOf(1));
        await importing.Api.AskAsync<object>("""
            create table public.kept as select rows from host.import_part;
            update host.import_part set rows = set_byte(rows, 40, 255 - get_byte(rows, 40))
            """);

        Assert.True(await importing.DoAsync(import));

        var stuck = await importing.FindAsync(import);
        Assert.Equal("running", stuck.GetProperty("state").GetString());
        Assert.NotEqual("", stuck.GetProperty("error").GetString());
        Assert.True(await importing.Api.AskAsync<bool>("select not ready and at > now() from host.due where kind = 'import'"));

        await importing.Api.AskAsync<object>("update host.import_part set rows = k.rows from public.kept k");
        await importing.DoAsync(import);
        Assert.Equal(("done", 1, 0), await importing.OutcomeAsync(import));
        Assert.False((await importing.FindAsync(import)).TryGetProperty("error", out _));
    }

    [Fact]
    public async Task Keep_no_password_that_a_dump_would_show()
    {
        await using var importing = await Importing.OpenAsync(postgres);

        await importing.BeginAsync(Importing.FileOf(1));

        Assert.Equal((1, 0), (await importing.CountAsync("import_part"), await importing.Api.AskAsync<int>(
            "select position('secret-0'::bytea in rows) from host.import_part")));
    }

    [Fact]
    public async Task Of_another_tenant_cannot_be_seen_or_cancelled()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var import = await importing.BeginAsync(Importing.FileOf(1));
        using var other = await importing.Api.AddTenantAsync("south");

        var list = (await Api.GetAsync(other, "imports")).Read();
        var statuses = new[]
        {
            await Api.GetAsync(other, $"imports/{import}"), await Api.GetAsync(other, $"imports/{import}/refused-rows"),
            await Api.PostAsync(other, $"imports/{import}/cancel", ""),
        }.Select(answer => answer.Status);

        Assert.Equal(0, list.GetProperty("items").GetArrayLength());
        Assert.Equal([404, 404, 404], statuses);
        Assert.Equal(("running", 0, 0), await importing.OutcomeAsync(import));
    }

    [Fact]
    public async Task Are_forgotten_some_time_after_their_end_and_never_before()
    {
        await using var importing = await Importing.OpenAsync(postgres);
        var ended = await importing.BeginAsync("username,password,plan\nann,,home\n");
        var running = await importing.BeginAsync(Importing.FileOf(1));

        await importing.Api.AskAsync<object>($"""
            select set_config('app.tenant', '{importing.Api.Id}', false), host.forget_imports(now() + interval '1 hour', 10)
            """);

        Assert.Equal(404, (await Api.GetAsync(importing.Api.Tenant, $"imports/{ended}")).Status);
        Assert.Equal(("running", 0, 0), await importing.OutcomeAsync(running));
        Assert.Equal(0, await importing.CountAsync("import_refusal"));
    }
}
