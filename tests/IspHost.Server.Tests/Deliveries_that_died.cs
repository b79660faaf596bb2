using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IspHost.Core.Outbox;
using IspHost.Sdk.Web;

namespace IspHost.Server.Tests;

public sealed class Deliveries_that_died(ServerFixture server)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_listed_replayed_and_removed_by_their_tenant()
    {
        var (code, events) = await DieAsync(3);
        using var client = await server.ClientOfAsync(code);

        var first = await PageAsync(client, "deliveries?state=dead&limit=2");
        var second = await PageAsync(client, $"deliveries?state=dead&limit=2&cursor={Uri.EscapeDataString(first.Next!)}");
        Assert.Equal(events, first.Items.Concat(second.Items).Select(delivery => delivery.Event));
        Assert.Equal(("No such mailbox.", null), (first.Items[0].Error, second.Next));

        Assert.Equal(1, await ChangeAsync(client, "replay", new DeadDeliveries(Event: events[0])));
        Assert.Equal(2, await ChangeAsync(client, "drop", new DeadDeliveries(Plugin: "Test.Mail")));
        Assert.Empty((await PageAsync(client, "deliveries")).Items);
        Assert.Equal(events[0], Assert.Single((await PageAsync(client, "deliveries?state=failing")).Items).Event);
    }

    [Theory]
    [InlineData("deliveries/replay", "{}", "event")]
    [InlineData("deliveries/drop", "{}", "event")]
    [InlineData("deliveries/drop", """{ "event": "x" }""", "event")]
    public async Task Are_not_changed_by_somebody_who_does_not_say_which(string path, string body, string field)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.PostAsync(path, new StringContent(body, null, "application/json"), Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData("deliveries?cursor=nowhere")]
    [InlineData("deliveries?state=buried")]
    public async Task Are_not_found_by_a_cursor_or_a_state_that_is_none(string path)
    {
        using var client = await server.ClientOfAsync(await server.AddTenantAsync());

        using var answer = await client.GetAsync(path, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Are_counted_for_the_operator_and_can_be_replayed_from_the_command_line()
    {
        var (code, _) = await DieAsync(2);

        var all = await server.Operator.GetAsync<Page<DeadDeliveryCountView>>("dead-deliveries?limit=500", null, Stop);
        Assert.Contains(new DeadDeliveryCountView(code, "invoice.issued", "Test.Mail", "Mailer", 2), all.Items);

        var (exit, output, errors) = await ProgramUnderTest.RunAsync(
            "deliveries", "replay", "--tenant", code, "--handler", "Mailer", "--data", server.Data);
        Assert.Equal((0, "2 deliveries will be tried again.", ""), (exit, output.Trim(), errors));
        (exit, output, _) = await ProgramUnderTest.RunAsync(
            "deliveries", "list", "--tenant", code, "--state", "failing", "--data", server.Data);
        Assert.Equal(0, exit);
        Assert.Contains("Test.Mail Mailer", output, StringComparison.Ordinal);
    }

    /// <summary>Deliveries of a plugin that is not here, so nobody tries them meanwhile.</summary>
    async Task<(string Tenant, Guid[] Events)> DieAsync(int count)
    {
        var code = await server.AddTenantAsync();
        var events = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).Order().ToArray();
        await using var command = server.Database.Owner!.CreateCommand($"""
            insert into host.outbox (tenant_id, id, kind, key, happened_at, body)
            select t.id, e.id, 'unheard', e.id::text, now(), 'null' from host.tenant t, unnest($1) e (id) where t.code = '{code}';
            """);
        command.Parameters.AddWithValue(events);
        await command.ExecuteNonQueryAsync(Stop);
        await using var deaths = server.Database.Owner!.CreateCommand($"""
            insert into host.delivery (tenant_id, event_id, plugin, handler, kind)
            select o.tenant_id, o.id, 'Test.Mail', 'Mailer', 'invoice.issued'
            from host.outbox o join host.tenant t on t.id = o.tenant_id where t.code = '{code}' and o.kind = 'unheard'
            """);
        await deaths.ExecuteNonQueryAsync(Stop);
        await using var end = server.Database.Owner!.CreateCommand($"""
            update host.delivery d set dead = true, error = 'No such mailbox.'
            from host.tenant t where t.id = d.tenant_id and t.code = '{code}' and d.plugin = 'Test.Mail'
            """);
        await end.ExecuteNonQueryAsync(Stop);
        return (code, events);
    }

    static async Task<Page<DeliveryView>> PageAsync(HttpClient client, string path)
        => (await client.GetFromJsonAsync<Page<DeliveryView>>(path, Client.ApiClient.Json, Stop))!;

    static async Task<int> ChangeAsync(HttpClient client, string verb, DeadDeliveries which)
    {
        using var answer = await client.PostAsJsonAsync($"deliveries/{verb}", which, Client.ApiClient.Json, Stop);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ChangedDeliveries>(Client.ApiClient.Json, Stop))!.Count;
    }
}
