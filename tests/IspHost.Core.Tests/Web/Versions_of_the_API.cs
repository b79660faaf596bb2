using System.Text.Json;
using IspHost.Testing;

namespace IspHost.Core.Tests.Web;

public sealed class Versions_of_the_API(SharedApi shared) : IClassFixture<SharedApi>
{
    const string First = "2026-11-01";
    const string Next = "2027-06-01";

    [Fact]
    public async Task Show_one_plan_in_two_forms_to_two_keys()
    {
        using var older = await KeyAsync(First);
        using var newer = await KeyAsync(Next);

        var byOlder = await Api.PostAsync(older, "plans", Plan("free", """, "session_limit": 0"""));
        var byNewer = await Api.PostAsync(newer, "plans", Plan("open", ""));

        Assert.Equal((201, 0), (byOlder.Status, LimitIn(byOlder.Read())));
        Assert.Equal((201, null), (byNewer.Status, LimitIn(byNewer.Read())));
        foreach (var path in (string[])["plans/free", "plans/open"])
        {
            Assert.Equal(0, LimitIn((await Api.GetAsync(older, path)).Read()));
            Assert.Null(LimitIn((await Api.GetAsync(newer, path)).Read()));
        }
        Assert.All(Items(await Api.GetAsync(older, "plans")), plan => Assert.NotNull(LimitIn(plan)));
        Assert.Contains(Items(await Api.GetAsync(newer, "plans")), plan => LimitIn(plan) is null);
    }

    [Fact]
    public async Task Hold_a_request_to_their_own_rules()
    {
        using var newer = await KeyAsync(Next);

        var zero = await Api.PostAsync(newer, "plans", Plan("none", """, "session_limit": 0"""));

        Assert.Equal(["network.session_limit must be a whole number, 1 to 100"], zero.Errors);
    }

    [Fact]
    public async Task Are_asked_for_by_a_header_before_the_key_and_named_in_the_answer()
    {
        using var older = await KeyAsync(First);

        var byKey = await Api.GetAsync(older, "plans");
        var byHeader = await Api.AskAsync(older, "GET", "plans", null, ("Api-Version", Next));

        Assert.Contains($"Api-Version: {First}", byKey.Headers, StringComparison.Ordinal);
        Assert.Contains($"Api-Version: {Next}", byHeader.Headers, StringComparison.Ordinal);
        Assert.Contains("Vary: Api-Version", byHeader.Headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-12-02")]
    [InlineData("v1")]
    [InlineData("2026-11-01, 2027-06-01")]
    public async Task That_are_not_there_are_refused(string version)
        => Assert.Equal(
            [$"Api-Version must be one of {First}, {Next}"],
            (await Api.AskAsync(shared.Api.Tenant, "GET", "plans", null, ("Api-Version", version))).Errors);

    [Fact]
    public async Task Have_tags_of_their_own_for_one_thing()
    {
        using var older = await KeyAsync(First);
        using var newer = await KeyAsync(Next);
        await Api.PostAsync(older, "plans", Plan("tagged", """, "session_limit": 2"""));

        var (asOlder, asNewer) = (await Api.GetAsync(older, "plans/tagged"), await Api.GetAsync(newer, "plans/tagged"));

        Assert.NotEqual(asOlder.Tag, asNewer.Tag);
        Assert.Equal(304, (await Api.AskAsync(older, "GET", "plans/tagged", null, ("If-None-Match", asOlder.Tag!))).Status);
        Assert.Equal(304, (await Api.AskAsync(newer, "GET", "plans/tagged", null, ("If-None-Match", asNewer.Tag!))).Status);
    }

    [Fact]
    public async Task Keep_the_form_of_an_answer_for_its_repetition()
    {
        using var older = await KeyAsync(First);

        var first = await Api.PostAsync(older, "plans", Plan("twice", """, "session_limit": 0"""), "one");
        var again = await Api.PostAsync(older, "plans", Plan("twice", """, "session_limit": 0"""), "one");
        var otherwise = await Api.AskAsync(
            older, "POST", "plans", Plan("twice", """, "session_limit": 0"""), ("Idempotency-Key", "one"), ("Api-Version", Next));

        Assert.True(again.IsReplay);
        Assert.Equal((first.Body, 0), (again.Body, LimitIn(again.Read())));
        Assert.Equal((422, "/problems/idempotency-key-reused"), (otherwise.Status, otherwise.Type));
    }

    [Fact]
    public async Task Move_with_a_key_that_its_owner_moves()
    {
        var made = (await Api.PostAsync(shared.Api.Tenant, "api-keys", """{ "name": "moving" }""")).Read();
        using var client = shared.Api.ClientWith(made.GetProperty("key").GetString()!);
        var path = $"api-keys/{made.GetProperty("prefix").GetString()}";

        var moved = await Api.AskAsync(shared.Api.Tenant, "PATCH", path, $$"""{ "api_version": "{{Next}}" }""");
        var wrong = await Api.AskAsync(shared.Api.Tenant, "PATCH", path, """{ "api_version": "2020-01-01" }""");

        Assert.Equal(First, made.GetProperty("api_version").GetString());
        Assert.Equal((200, Next), (moved.Status, moved.Read().GetProperty("api_version").GetString()));
        Assert.Equal([$"api_version must be one of {First}, {Next}"], wrong.Errors);
        Assert.Contains($"Api-Version: {Next}", (await Api.GetAsync(client, "plans")).Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lose_what_ended_with_them()
    {
        var id = Guid.NewGuid();
        var (before, after) = ($"usage/{id}?from=2026-10-01&to=2026-11-01", $"subscriptions/{id}/usage?from=2026-10-01&to=2026-11-01");
        using var newer = await KeyAsync(Next);

        var ended = await Api.GetAsync(newer, before);

        Assert.Equal("/problems/not-found", (await Api.GetAsync(shared.Api.Tenant, before)).Type);
        Assert.Equal("/problems/not-found", (await Api.GetAsync(newer, after)).Type);
        Assert.Equal((404, "/problems/not-in-version"), (ended.Status, ended.Type));
        Assert.Contains("call getUsageOfSubscription instead", ended.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Have_documents_that_tell_their_forms_and_operations()
    {
        var (older, newer) = (await DocumentAsync(First), await DocumentAsync(Next));

        Assert.Equal((await Api.GetAsync(shared.Api.Tenant, "/openapi/v1.json")).Body, older.GetRawText());
        Assert.Equal((First, Next), (VersionOf(older), VersionOf(newer)));
        Assert.Equal((0, 1), (LeastLimit(older), LeastLimit(newer)));
        Assert.True(older.GetProperty("paths").GetProperty("/api/v1/usage/{id}").GetProperty("get")
            .GetProperty("deprecated").GetBoolean());
        Assert.False(newer.GetProperty("paths").TryGetProperty("/api/v1/usage/{id}", out _));
        Assert.DoesNotContain("x-ends-with", older.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(404, (await Api.GetAsync(shared.Api.Tenant, "/openapi/2026-12-02.json")).Status);

        static string? VersionOf(JsonElement document) => document.GetProperty("info").GetProperty("version").GetString();
        static int LeastLimit(JsonElement document) => document.GetProperty("components").GetProperty("schemas").GetProperty("NetworkTerms")
            .GetProperty("properties").GetProperty("session_limit").GetProperty("minimum").GetInt32();
    }

    async Task<JsonElement> DocumentAsync(string version)
        => (await Api.GetAsync(shared.Api.Tenant, $"/openapi/{version}.json")).Read();

    async Task<HttpClient> KeyAsync(string version)
    {
        var made = await Api.PostAsync(shared.Api.Tenant, "api-keys", $$"""{ "name": "key", "api_version": "{{version}}" }""");
        return shared.Api.ClientWith(made.Read().GetProperty("key").GetString()!);
    }

    static string Plan(string code, string network)
        => $$"""{ "code": "{{code}}", "name": "Home", "network": { "up": 1, "down": 1{{network}} }, "price": {} }""";

    static List<JsonElement> Items(Answer page) => [.. page.Read().GetProperty("items").EnumerateArray()];

    static int? LimitIn(JsonElement plan)
        => plan.GetProperty("network").TryGetProperty("session_limit", out var limit) ? limit.GetInt32() : null;
}

public sealed class A_version_that_will_end(PostgresFixture postgres)
{
    const string First = "2026-11-01";
    const string Next = "2027-06-01";

    [Fact]
    public async Task Says_so_with_every_answer_and_who_still_calls_it_is_told()
    {
        await using var api = await Api.StartAsync(postgres);
        var sunset = api.Versions.Today.PlusDays(200);
        var soon = await Api.PostAsync(
            api.Operator, $"api-versions/{Next}/release", $$"""{ "sunset_on": "{{Iso(api.Versions.Today)}}" }""");

        var quiet = await Api.GetAsync(api.Tenant, "plans");
        var released = await Api.PostAsync(api.Operator, $"api-versions/{Next}/release", $$"""{ "sunset_on": "{{Iso(sunset)}}" }""");
        var called = await Api.GetAsync(api.Tenant, "plans");
        await Api.GetAsync(api.Tenant, "plans");
        await Api.GetAsync(api.Tenant, "customers/00000000-0000-0000-0000-000000000000");
        var newer = await Api.AskAsync(api.Tenant, "GET", "plans", null, ("Api-Version", Next));
        var report = (await Api.GetAsync(api.Operator, $"api-versions/{First}/calls")).Read().GetProperty("items");

        Assert.Equal(400, soon.Status);
        Assert.DoesNotContain("Deprecation", quiet.Headers, StringComparison.Ordinal);
        Assert.Equal((200, "current"), (released.Status, released.Read().GetProperty("state").GetString()));
        Assert.Contains($"Deprecation: @{Seconds(api.Versions.Today)}", called.Headers, StringComparison.Ordinal);
        Assert.Contains($"Sunset: {sunset.ToDateTimeUnspecified():r}", called.Headers, StringComparison.Ordinal);
        Assert.Contains("/versions>; rel=\"deprecation\"", called.Headers, StringComparison.Ordinal);
        Assert.DoesNotContain("Deprecation", newer.Headers, StringComparison.Ordinal);
        Assert.Equal(
            ["north getCustomer 1", "north listPlans 2"],
            report.EnumerateArray().Select(
                row => $"{row.GetProperty("tenant")} {row.GetProperty("operation")} {row.GetProperty("calls")}"));
    }

    [Fact]
    public async Task Is_refused_from_its_last_day_on_and_not_before()
    {
        await using var api = await Api.StartAsync(postgres);
        await Api.PostAsync(api.Operator, $"api-versions/{Next}/release", "{}");
        await api.AskAsync<object>($"""
            update host.api_versions set released_on = current_date - 300, deprecated_on = current_date - 200, sunset_on = current_date + 1
            where version = '{First}'
            """);
        await api.Versions.ReloadAsync(TestContext.Current.CancellationToken);
        var before = await Api.GetAsync(api.Tenant, "plans");
        await api.AskAsync<object>($"update host.api_versions set sunset_on = current_date where version = '{First}'");
        await api.Versions.ReloadAsync(TestContext.Current.CancellationToken);

        var ended = await Api.GetAsync(api.Tenant, "plans");

        Assert.Equal(200, before.Status);
        Assert.Equal((410, "/problems/api-version-ended"), (ended.Status, ended.Type));
        Assert.Equal(200, (await Api.AskAsync(api.Tenant, "GET", "plans", null, ("Api-Version", Next))).Status);
        Assert.Equal([$"Api-Version must be one of {Next}"],
            (await Api.AskAsync(api.Tenant, "GET", "plans", null, ("Api-Version", "1999-01-01"))).Errors);
    }

    [Fact]
    public async Task Has_an_end_that_the_operator_moves_and_no_other_version_has()
    {
        await using var api = await Api.StartAsync(postgres);
        var current = await Api.AskAsync(api.Operator, "PATCH", $"api-versions/{First}", """{ "sunset_on": null }""");
        await Api.PostAsync(api.Operator, $"api-versions/{Next}/release", "{}");

        var twice = await Api.PostAsync(api.Operator, $"api-versions/{Next}/release", "{}");
        var moved = await Api.AskAsync(
            api.Operator, "PATCH", $"api-versions/{First}", $$"""{ "sunset_on": "{{Iso(api.Versions.Today.PlusDays(400))}}" }""");
        var soon = await Api.AskAsync(
            api.Operator, "PATCH", $"api-versions/{First}", $$"""{ "sunset_on": "{{Iso(api.Versions.Today.PlusDays(10))}}" }""");

        Assert.Equal((409, "/problems/api-version-state"), (current.Status, current.Type));
        Assert.Equal((409, "/problems/api-version-state"), (twice.Status, twice.Type));
        Assert.Equal(Iso(api.Versions.Today.PlusDays(400)), moved.Read().GetProperty("sunset_on").GetString());
        Assert.Equal(400, soon.Status);
    }

    static string Iso(NodaTime.LocalDate day) => NodaTime.Text.LocalDatePattern.Iso.Format(day);

    static long Seconds(NodaTime.LocalDate day) => day.AtStartOfDayInZone(NodaTime.DateTimeZone.Utc).ToInstant().ToUnixTimeSeconds();
}
