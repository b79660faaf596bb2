using IspHost.Core.Tests.Web;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Tests.Idempotency;

[TakesLong]
public sealed class Requests_with_a_key(PostgresFixture postgres)
{
    const string Ann = """{ "name": "Ann" }""";

    /// <summary>Requests, with what they add a row to.</summary>
    public static TheoryData<string, string, string> Writes => new()
    {
        { "customers", Ann, "host.customer where name = 'Ann'" },
        { "api-keys", """{ "name": "new" }""", "host.api_key where name = 'new'" },
        { "address-pools", """{ "name": "dynamic" }""", "host.address_pool" },
        { "nas", """{ "address": "192.0.2.7", "secret": "testing123" }""", "host.nas_device" },
    };

    [Theory, MemberData(nameof(Writes))]
    public async Task Do_their_work_exactly_once_wherever_they_are_cut_off(string path, string body, string rows)
    {
        await using var api = await Api.StartAsync(postgres);

        await CutEverywhereAsync(api, api.Tenant, path, body, 201, $"delete from {rows}", $"select count(*) from {rows}");
    }

    [Fact]
    public async Task Of_the_operator_do_so_exactly_once_as_well()
    {
        await using var api = await Api.StartAsync(postgres);

        await CutEverywhereAsync(
            api, api.Operator, "tenants", """{ "code": "south", "currency": "EUR", "zone": "Europe/Athens" }""", 201,
            "update host.tenant set code = left(md5(random()::text), 20) where code = 'south'",
            "select count(*) from host.tenant where code = 'south'");
    }

    [Fact]
    public async Task To_order_a_service_do_so_exactly_once()
    {
        await using var api = await Api.StartAsync(postgres);
        var customer = await OpenShopAsync(api);

        await CutEverywhereAsync(
            api, api.Tenant, "subscriptions",
            $$"""{ "customer": "{{customer}}", "plan": "home", "user_name": "ann", "password": "secret" }""", 201,
            "delete from host.contract_version; delete from host.subscription", "select count(*) from host.contract_version");
    }

    [Fact]
    public async Task To_change_a_service_do_so_exactly_once()
    {
        await using var api = await Api.StartAsync(postgres);
        var customer = await OpenShopAsync(api);
        var service = (await Api.PostAsync(
            api.Tenant, "subscriptions",
            $$"""{ "customer": "{{customer}}", "plan": "home", "user_name": "ann", "password": "secret" }"""))
            .Read().GetProperty("id").GetString();

        await CutEverywhereAsync(
            api, api.Tenant, $"subscriptions/{service}/hold", "", 200,
            "update host.subscription set state = 'active'; delete from host.hold; delete from host.audit where action like '%.hold'",
            "select count(*) from host.audit where action like '%.hold'");
    }

    [Fact]
    public async Task To_make_an_API_key_show_it_once_and_store_it_nowhere()
    {
        await using var api = await Api.StartAsync(postgres);

        var first = await Api.PostAsync(api.Tenant, "api-keys", """{ "name": "new" }""", "one");
        var second = await Api.PostAsync(api.Tenant, "api-keys", """{ "name": "new" }""", "one");

        var secret = first.Read().GetProperty("key").GetString()!.Split('_')[^1];
        Assert.False(second.Read().TryGetProperty("key", out _));
        Assert.StartsWith("The key was shown in the first answer", second.Read().GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal(first.Location, second.Location);
        Assert.False(await api.AskAsync<bool>(
            $"select bool_or(position('{secret}'::bytea in body) > 0) from host.idempotency"));
    }

    [Fact]
    public async Task Of_the_operator_happen_once_as_well()
    {
        await using var api = await Api.StartAsync(postgres);
        const string South = """{ "code": "south", "currency": "EUR", "zone": "Europe/Athens" }""";

        var first = await Api.PostAsync(api.Operator, "tenants", South, "one");
        var second = await Api.PostAsync(api.Operator, "tenants", South, "one");

        Assert.Equal((201, false), (first.Status, first.IsReplay));
        Assert.Equal((201, true, first.Body, "/api/v1/tenants/south"), (second.Status, second.IsReplay, second.Body, second.Location));
    }

    [Fact]
    public async Task That_are_being_worked_on_say_when_to_ask_again()
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Tenant, "customers", Ann, "one");
        await api.AskAsync<object>("""
            update host.idempotency set status = null, content_type = null, location = null, body = null,
              claimed_until = now() + interval '1 minute'
            """);

        var answer = await Api.PostAsync(api.Tenant, "customers", Ann, "one");

        Assert.Equal((409, "/problems/request-in-progress", "2"), (answer.Status, answer.Type, answer.RetryAfter));
    }

    [Theory]
    [InlineData(200, 201)]
    [InlineData(201, 400)]
    public async Task May_have_one_of_200_characters_on_a_long_path(int length, int status)
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Tenant, "address-pools", $$"""{ "name": "{{new string('p', 64)}}" }""");

        var answer = await Api.PostAsync(
            api.Tenant, $"address-pools/{new string('p', 64)}/prefixes", """{ "prefix": "100.64.0.0/24", "kind": "v4" }""",
            new string('k', length));

        Assert.Equal(status, answer.Status);
        if (status == 400)
            Assert.Equal("must be at most 200 characters", answer.Read().GetProperty("errors").GetProperty("Idempotency-Key").GetString());
    }

    [Theory]
    [InlineData("customers?x=1", Ann)]
    [InlineData("customers", """{ "name": "Bob" }""")]
    public async Task Are_refused_if_it_was_used_for_another_request(string path, string body)
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Tenant, "customers", Ann, "one");

        var other = await Api.PostAsync(api.Tenant, path, body, "one");

        Assert.Equal((422, "/problems/idempotency-key-reused"), (other.Status, other.Type));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Are_told_if_their_body_is_too_large(bool isChunked)
    {
        await using var api = await Api.StartAsync(postgres);
        using var request = new HttpRequestMessage(HttpMethod.Post, "customers");
        request.Content = new StringContent(new string(' ', 1_100_000));
        request.Headers.Add("Idempotency-Key", "one");
        request.Headers.TransferEncodingChunked = isChunked;

        using var answer = await api.Tenant.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Contains("/problems/body-too-large", await answer.Content.ReadAsStringAsync(
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task May_use_it_anew_after_a_day()
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Tenant, "customers", Ann, "one");
        await api.AskAsync<object>("update host.idempotency set expires_at = now()");

        var other = await Api.PostAsync(api.Tenant, "customers", """{ "name": "Bob" }""", "one");

        Assert.Equal((201, false), (other.Status, other.IsReplay));
    }

    [Fact]
    public async Task That_fail_inside_may_be_repeated_at_once()
    {
        var calls = 0;
        await using var api = await Api.StartAsync(postgres, routes => routes.MapPost("/api/v1/fragile", () =>
        {
            calls++;
            return calls == 1 ? Results.StatusCode(500) : Results.NoContent();
        }).ForTenants("test"));

        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
            statuses.Add((await Api.PostAsync(api.Tenant, "fragile", "", "one")).Status);

        Assert.Equal([500, 204, 204], statuses);
        Assert.Equal(2, calls);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task That_the_database_left_alone_need_not_wait_until_their_claim_ends(bool isReplyLost)
    {
        await using var api = await Api.StartAsync(postgres);
        var waited = 0;
        for (var (statement, isCut) = (1, true); isCut; statement++)
        {
            api.Wire.CutAt(statement, isReplyLost);
            await Api.PostAsync(api.Tenant, "customers", Ann, $"cut-{statement}");
            isCut = api.Wire.IsCut;
            api.Wire.Mend();

            await api.LeftClaims.StartAsync(TestContext.Current.CancellationToken);
            var answer = await Api.PostAsync(api.Tenant, "customers", Ann, $"cut-{statement}");
            for (; answer.Status is 409 or 503; waited++)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
                answer = await Api.PostAsync(api.Tenant, "customers", Ann, $"cut-{statement}");
            }
            await api.LeftClaims.StopAsync(TestContext.Current.CancellationToken);

            Assert.Equal(201, answer.Status);
            Assert.Equal(statement, await api.AskAsync<long>("select count(*) from host.customer"));
            // Far less than the lease of a claim, and nobody has let it end.
            Assert.InRange(waited, 0, 500);
        }
    }

    [Fact]
    public async Task Name_themselves_alike_at_each_repetition_to_whoever_works_outside_of_a_transaction()
    {
        var names = new List<Guid?>();
        IResult Answer(string it, IAnswers answers)
        {
            names.Add(answers.Request);
            return Results.StatusCode(500);
        }
        await using var api = await Api.StartAsync(postgres, routes => routes.MapPost("/api/v1/outside/{it}", Answer).ForTenants("test"));

        foreach (var (path, key) in ((string, string?)[])[("1", "one"), ("1", "one"), ("1", "two"), ("2", "one"), ("1", null)])
            await Api.PostAsync(api.Tenant, $"outside/{path}", "", key);

        Assert.NotNull(names[0]);
        Assert.Equal(names[0], names[1]);
        Assert.Equal(3, names.Skip(1).Take(3).Distinct().Count());
        Assert.Null(names[4]);
    }

    /// <summary>
    /// The wire is cut before each statement in turn, and then behind each, until a request comes to its end without meeting a cut.
    /// After each cut the process might as well have been killed: it reaches nobody, and a minute goes by.
    /// </summary>
    static async Task CutEverywhereAsync(
        Api api, HttpClient client, string path, string body, int status, string forget, string count)
    {
        var cuts = 0;
        foreach (var isReplyLost in (bool[])[false, true])
        {
            for (var (statement, isCut) = (1, true); isCut; statement++)
            {
                await api.AskAsync<object>(forget);
                api.Wire.CutAt(statement, isReplyLost);
                var first = await Api.PostAsync(client, path, body, $"cut-{statement}-{isReplyLost}");
                isCut = api.Wire.IsCut;
                api.Wire.Mend();
                await api.LetClaimsEndAsync();

                var second = await Api.PostAsync(client, path, body, $"cut-{statement}-{isReplyLost}");
                var third = await Api.PostAsync(client, path, body, $"cut-{statement}-{isReplyLost}");

                Assert.True(second.Status == status, $"Statement {statement}, reply lost: {isReplyLost}: {first.Body} {second.Body}");
                Assert.Equal((status, true), (third.Status, third.IsReplay));
                Assert.Equal((second.Location, 1L), (third.Location, await api.AskAsync<long>(count)));
                if (first.Status == status)
                    Assert.Equal((first.Location, true), (second.Location, second.IsReplay));
                else
                    Assert.Equal((503, "/problems/database-unavailable", "1"), (first.Status, first.Type, first.RetryAfter));
                cuts += isCut ? 1 : 0;
            }
        }
        Assert.InRange(cuts, 6, 60);
    }

    /// <summary>A plan to order, and a customer to order it.</summary>
    static async Task<string> OpenShopAsync(Api api)
    {
        await Api.PostAsync(api.Tenant, "plans", """
            { "code": "home", "name": "Plan", "network": { "up": 1000000, "down": 1000000 }, "price": { "tax_class": "standard" } }
            """);
        return (await Api.PostAsync(api.Tenant, "customers", Ann)).Read().GetProperty("id").GetString()!;
    }
}
