namespace IspHost.Core.Tests.Web;

public sealed class Things_that_change(SharedApi shared) : IClassFixture<SharedApi>
{
    HttpClient Client => shared.Api.Tenant;

    [Fact]
    public async Task Are_changed_only_as_they_were_seen()
    {
        var path = await CustomerAsync("""{ "name": "Ann", "email": "ann@example.com" }""");
        var seen = (await Api.GetAsync(Client, path)).Tag!;
        await Api.AskAsync(Client, "PATCH", path, """{ "name": "Anna" }""");

        var late = await Api.AskAsync(Client, "PATCH", path, """{ "name": "Annette" }""", ("If-Match", seen));
        var now = await Api.AskAsync(
            Client, "PATCH", path, """{ "name": "Annette" }""", ("If-Match", (await Api.GetAsync(Client, path)).Tag!));

        Assert.Equal((412, "/problems/precondition-failed"), (late.Status, late.Type));
        Assert.Equal((200, "Annette"), (now.Status, now.Read().GetProperty("name").GetString()));
        Assert.Equal(now.Tag, (await Api.GetAsync(Client, path)).Tag);
    }

    [Fact]
    public async Task Are_not_made_by_who_wants_to_change_what_is_there()
    {
        const string Path = "feature-flags/star";

        var absent = await Api.AskAsync(shared.Api.Operator, "PUT", Path, "{}", ("If-Match", "*"));
        var made = await Api.AskAsync(shared.Api.Operator, "PUT", Path, "{}");
        var changed = await Api.AskAsync(shared.Api.Operator, "PUT", Path, """{ "percentage": 10 }""", ("If-Match", "*"));

        Assert.Equal((412, 200, 200), (absent.Status, made.Status, changed.Status));
    }

    [Fact]
    public async Task Keep_what_a_patch_does_not_name_and_lose_what_it_says_null_to()
    {
        var path = await CustomerAsync("""
            { "name": "Bob", "email": "bob@example.com", "tax_number": "DE 12", "tags": ["a"], "country": "DE" }
            """);

        var patched = (await Api.AskAsync(Client, "PATCH", path, """{ "tax_number": null, "country": null, "tags": ["b"] }""")).Read();
        var replaced = (await Api.PutAsync(Client, path, """{ "name": "Bob" }""")).Read();

        Assert.Equal("bob@example.com", patched.GetProperty("email").GetString());
        Assert.False(patched.TryGetProperty("tax_number", out _));
        Assert.Equal(("GR", "[\"b\"]"), (patched.GetProperty("country").GetString(), patched.GetProperty("tags").GetRawText()));
        Assert.False(replaced.TryGetProperty("email", out _));
    }

    [Theory]
    [InlineData("""{ "name": null }""", "name must be a value, and not null")]
    [InlineData("""{ "nmae": "x" }""", "nmae must be left out: there is no such field; 'name' is one")]
    [InlineData("""{ "email": "nowhere" }""", "email must be an e-mail address")]
    public async Task Refuse_a_patch_that_breaks_a_rule(string body, string error)
        => Assert.Equal([error], (await Api.AskAsync(Client, "PATCH", await CustomerAsync("""{ "name": "Cid" }"""), body)).Errors);

    [Fact]
    public async Task Are_closed_once_their_services_have_ended_and_then_get_no_more()
    {
        var path = await CustomerAsync("""{ "name": "Zoe", "tags": ["closing"] }""");
        var id = path.Split('/')[^1];
        await Api.PostAsync(Client, "plans", """
            { "code": "last", "name": "Last", "network": { "up": 1, "down": 1 }, "price": {} }
            """);
        var ordered = await OrderAsync("zoe");
        var early = await Api.AskAsync(Client, "DELETE", path, null);
        await Api.PostAsync(Client, $"{ordered.Location!["/api/v1/".Length..]}/terminate", "");

        var late = await Api.AskAsync(Client, "DELETE", path, null, ("If-Match", "\"another\""));
        var closed = await Api.AskAsync(Client, "DELETE", path, null);
        var again = await Api.AskAsync(Client, "DELETE", path, null);

        Assert.Equal((409, "/problems/customer-has-services"), (early.Status, early.Type));
        Assert.Equal(412, late.Status);
        Assert.Equal((200, closed.Body), (closed.Status, again.Body));
        Assert.True(closed.Read().TryGetProperty("closed_on", out _));
        Assert.Equal(["customer must be a customer that exists and is not closed"], (await OrderAsync("zoe2")).Errors);
        Assert.Equal((0, 1), (await CountAsync("search=Zoe"), await CountAsync("search=Zoe&closed=true")));
        Assert.Equal(200, (await Api.GetAsync(Client, path)).Status);

        Task<Answer> OrderAsync(string name) => Api.PostAsync(Client, "subscriptions", $$"""
            { "customer": "{{id}}", "plan": "last", "user_name": "{{name}}", "password": "first" }
            """);
        async Task<int> CountAsync(string query)
            => (await Api.GetAsync(Client, $"customers?{query}")).Read().GetProperty("items").GetArrayLength();
    }

    [Fact]
    public async Task Are_not_sent_again_to_who_has_them_and_without_a_body_to_who_wants_none()
    {
        var path = await CustomerAsync("""{ "name": "Dan" }""");
        var seen = await Api.GetAsync(Client, path);

        var again = await Api.AskAsync(Client, "GET", path, null, ("If-None-Match", seen.Tag!));
        var head = await Api.AskAsync(Client, "HEAD", path, null);
        var minimal = await Api.AskAsync(Client, "POST", "customers", """{ "name": "Eve" }""", ("Prefer", "return=minimal"));

        Assert.Equal((304, ""), (again.Status, again.Body));
        Assert.Equal((200, "", seen.Tag), (head.Status, head.Body, head.Tag));
        Assert.Contains($"Content-Length: {System.Text.Encoding.UTF8.GetByteCount(seen.Body)}", head.Headers, StringComparison.Ordinal);
        Assert.Equal((201, ""), (minimal.Status, minimal.Body));
        Assert.StartsWith("/api/v1/customers/", minimal.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_compressed_for_who_can_read_that()
    {
        var answer = await Api.AskAsync(Client, "GET", "customers", null, ("Accept-Encoding", "br"));

        Assert.Contains("Content-Encoding: br", answer.Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_tenant_are_what_stands_on_its_invoices()
    {
        await Api.PostAsync(shared.Api.Operator, "tenants", """{ "code": "west", "currency": "EUR", "zone": "Europe/Athens" }""");

        var changed = (await Api.AskAsync(
            shared.Api.Operator, "PATCH", "tenants/west",
            """{ "legal_name": "West Ltd", "address": ["1 Main Street"], "tax_number": "EL123456789" }""")).Read();

        Assert.Equal(
            ("West Ltd", "1 Main Street", "EL123456789", "GR"),
            (changed.GetProperty("legal_name").GetString(), changed.GetProperty("address")[0].GetString(),
                changed.GetProperty("tax_number").GetString(), changed.GetProperty("country").GetString()));
    }

    [Fact]
    public async Task Of_a_service_are_its_user_name_and_its_password_one_without_the_other()
    {
        var customer = (await Api.PostAsync(Client, "customers", """{ "name": "Fay" }""")).Read().GetProperty("id").GetString();
        await Api.PostAsync(Client, "plans", """
            { "code": "home", "name": "Home", "network": { "up": 1, "down": 1 }, "price": {} }
            """);
        var ordered = await Api.PostAsync(Client, "subscriptions", $$"""
            { "customer": "{{customer}}", "plan": "home", "user_name": "fay", "password": "first" }
            """);
        var path = ordered.Location!["/api/v1/".Length..];
        await Api.PostAsync(Client, "subscriptions", $$"""
            { "customer": "{{customer}}", "plan": "home", "user_name": "gil", "password": "first" }
            """);
        var before = await PasswordOfAsync("fay");

        var named = await Api.AskAsync(Client, "PATCH", path, """{ "user_name": "fay2" }""");
        var kept = await PasswordOfAsync("fay2");
        await Api.AskAsync(Client, "PATCH", path, """{ "password": "second" }""");
        var taken = await Api.AskAsync(Client, "PATCH", path, """{ "user_name": "gil" }""");

        Assert.Equal((200, "fay2"), (named.Status, named.Read().GetProperty("user_name").GetString()));
        Assert.Equal(before, kept);
        Assert.NotEqual(before, await PasswordOfAsync("fay2"));
        Assert.Equal((409, "/problems/user-name-taken"), (taken.Status, taken.Type));
    }

    [Fact]
    public async Task Of_an_access_server_leave_its_secret_alone_unless_one_is_given()
    {
        var added = await Api.PostAsync(Client, "nas", """{ "address": "192.0.2.77", "secret": "testing123" }""");
        var path = added.Location!["/api/v1/".Length..];

        var changed = await Api.AskAsync(Client, "PATCH", path, """{ "name": "roof", "change_port": 1700 }""");
        var moved = await Api.AskAsync(Client, "PATCH", path, """{ "address": "192.0.2.78" }""");
        var unknown = await Api.AskAsync(Client, "PATCH", path, """{ "vendor": "nokia" }""");

        Assert.Equal(("roof", 1700), (
            changed.Read().GetProperty("name").GetString(), changed.Read().GetProperty("change_port").GetInt32()));
        Assert.DoesNotContain("testing123", changed.Body, StringComparison.Ordinal);
        Assert.Equal(["address must be the address that it has: another address is another access server"], moved.Errors);
        Assert.Equal(["vendor must be the name of a NAS extension that is there, such as mikrotik, or empty"], unknown.Errors);
    }

    Task<string?> PasswordOfAsync(string user) => shared.Api.AskAsync<string>(
        $"select encode(password, 'hex') from host.subscription where user_name = '{user}'");

    [Fact]
    public async Task Of_another_tenant_are_not_changed_by_naming_it()
    {
        var answer = await Api.AskAsync(Client, "GET", "customers", null, ("Tenant", "elsewhere"));

        Assert.Equal((403, "/problems/other-tenant"), (answer.Status, answer.Type));
    }

    async Task<string> CustomerAsync(string details) => (await Api.PostAsync(Client, "customers", details)).Location!["/api/v1/".Length..];
}
