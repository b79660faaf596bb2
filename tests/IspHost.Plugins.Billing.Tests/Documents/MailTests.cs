using System.Net;
using System.Text;
using IspHost.Sdk.Events;
using IspHost.Sdk.Notifications;
using IspHost.Testing;

namespace IspHost.Plugins.Billing.Tests;

public sealed class MailTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_customer_gets_the_invoice_once_however_often_the_event_comes()
    {
        await using var world = await IssueAsync("ada@example.org");

        await DeliverAsync(world);
        await DeliverAsync(world);

        var mail = Assert.Single(world.Extensions.Mailbox.Mails);
        var issued = (await world.InvoicesAsync())[0];
        Assert.Equal(
            ("ada@example.org", "Acme Networks Ltd", "Invoice A-0000001", $"invoice-{issued.Invoice.Id}"),
            (mail.To, mail.From, mail.Subject, mail.Key));
        Assert.Contains("Your invoice A-0000001 for 37.20 EUR, due on 2026-11-15, is attached.", mail.Text, StringComparison.Ordinal);
        Assert.Equal(("invoice-A-0000001.pdf", "application/pdf"), (mail.Attachments[0].FileName, mail.Attachments[0].ContentType));
        Assert.Equal("%PDF", Encoding.ASCII.GetString(mail.Attachments[0].Content.Span[..4]));
    }

    [Fact]
    public async Task Without_an_address_the_document_is_there_and_no_mail()
    {
        await using var world = await IssueAsync(email: null);

        await DeliverAsync(world);

        Assert.Empty(world.Extensions.Mailbox.Mails);
        Assert.Equal(1, await world.Database.ScalarAsync<long>("select count(*) from billing.document"));
    }

    [Fact]
    public async Task A_refused_address_is_written_down_and_not_tried_again()
    {
        await using var world = await IssueAsync("nowhere");

        await DeliverAsync(world);
        await DeliverAsync(world);

        Assert.Single(world.Extensions.Mailbox.Mails);
        Assert.Equal(
            "refused: not an address",
            await world.Database.ScalarAsync<string>("select outcome || ': ' || detail from billing.delivery"));
    }

    [Fact]
    public async Task A_node_killed_before_any_statement_of_a_mail_sends_it_once_at_most()
    {
        const int Customers = 24;
        await using var world = await IssueAsync("ada@example.org", Customers);
        var events = await world.EventsAsync();
        using var crash = new CrashAfter();
        var outcomes = new List<(int Mails, string Outcome)>();
        for (var i = 0; i < Customers; i++)
        {
            await crash.AtAsync(world, statement: i + 1, () => DeliverAsync(world, events[i]));
            await LeasesRunOutAsync(world);
            await DeliverAsync(world, events[i]);
            outcomes.Add((
                world.Extensions.Mailbox.Mails.Count(mail => mail.Key == $"invoice-{events[i].Invoice}"),
                (await world.Get<MailAttempts>().FindAsync(world.Tenant, events[i].Invoice, BillingWorld.Stop))!.Outcome));
        }

        Assert.Subset(
            new HashSet<(int, string)> { (1, "sent"), (1, "unknown"), (0, "unknown") }, outcomes.ToHashSet());
        Assert.Contains((1, "unknown"), outcomes); // It died after the mail, and before it could be written down.
        Assert.Equal((1, "sent"), outcomes[0]);
        Assert.Equal((1, "sent"), outcomes[^1]);
    }

    [Fact]
    public async Task A_mail_that_may_have_gone_out_is_shown_and_sent_again_only_by_staff()
    {
        await using var world = await IssueAsync("ada@example.org");
        await using var api = await BillingApi.OpenAsync(world);
        var invoice = (await world.InvoicesAsync())[0].Invoice.Id;
        world.Extensions.Mailbox.Answer = () => throw new TimeoutException("It did not answer within 60 s.");
        await DeliverAsync(world);
        await DeliverAsync(world);

        Assert.Single(world.Extensions.Mailbox.Mails);
        var listed = (await api.JsonAsync("invoice-mails?outcome=unknown")).GetProperty("items")[0];
        Assert.Equal(
            (invoice, "unknown", "It did not answer within 60 s."),
            (listed.GetProperty("invoice").GetGuid(), listed.GetProperty("outcome").GetString(), listed.GetProperty("detail").GetString()));

        world.Extensions.Mailbox.Answer = null;
        Assert.Equal(HttpStatusCode.OK, (await api.PostAsync($"invoice-mails/{invoice}/send-again", "")).StatusCode);

        Assert.Equal(2, world.Extensions.Mailbox.Mails.Count);
        Assert.Equal(0, (await api.JsonAsync("invoice-mails")).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync($"invoice-mails/{invoice}/send-again", "")).StatusCode);
        Assert.Equal(
            "key:test invoice.mail_again",
            await world.Database.ScalarAsync<string>("select actor || ' ' || action from host.audit"));
    }

    [Fact]
    public async Task A_wish_to_send_a_mail_again_that_is_repeated_sends_it_once()
    {
        await using var world = await IssueAsync("ada@example.org");
        await using var api = await BillingApi.OpenAsync(world);
        var path = $"invoice-mails/{(await world.InvoicesAsync())[0].Invoice.Id}/send-again";
        world.Extensions.Mailbox.Answer = () => throw new TimeoutException("It did not answer within 60 s.");
        await DeliverAsync(world);

        api.Answers.Request = Guid.NewGuid();
        await api.PostAsync(path, "");
        var repeated = await api.PostAsync(path, "");

        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.Contains("\"outcome\":\"unknown\"", await repeated.Content.ReadAsStringAsync(BillingWorld.Stop), StringComparison.Ordinal);
        Assert.Equal(2, world.Extensions.Mailbox.Mails.Count);

        api.Answers.Request = Guid.NewGuid();
        await api.PostAsync(path, "");
        Assert.Equal(3, world.Extensions.Mailbox.Mails.Count);
    }

    [Fact]
    public async Task A_node_killed_before_any_statement_of_such_a_wish_sends_the_mail_once_at_most()
    {
        const int Customers = 24;
        await using var world = await IssueAsync("ada@example.org", Customers);
        var issued = await world.InvoicesAsync();
        using var crash = new CrashAfter();
        var outcomes = new List<(int Mails, string Outcome)>();
        for (var i = 0; i < Customers; i++)
        {
            var (invoice, wish) = (issued[i].Invoice.Id, new Wish("key:test", Guid.NewGuid()));
            Task<Mailed> SendAsync() => world.Get<Mailing>().SendAsync(world.Tenant, invoice, wish, BillingWorld.Stop);
            await crash.AtAsync(world, statement: i + 1, SendAsync);
            await LeasesRunOutAsync(world);
            await SendAsync();
            outcomes.Add((
                world.Extensions.Mailbox.Mails.Count(mail => mail.Key == $"invoice-{invoice}"),
                (await world.Get<MailAttempts>().FindAsync(world.Tenant, invoice, BillingWorld.Stop))!.Outcome));
        }

        Assert.Subset(
            new HashSet<(int, string)> { (1, "sent"), (1, "unknown"), (0, "unknown") }, outcomes.ToHashSet());
        Assert.Contains((1, "unknown"), outcomes);
        Assert.Equal((1, "sent"), outcomes[^1]);
        Assert.Equal((long)Customers, await world.Database.ScalarAsync<long>("select count(*) from host.audit"));
    }

    [Fact]
    public async Task A_mail_that_lies_in_a_folder_is_not_sent()
    {
        await using var world = await IssueAsync("ada@example.org");
        await using var api = await BillingApi.OpenAsync(world);
        world.Extensions.Mailbox.Answer = () => new NotificationResult.PutAside("/var/lib/isphost/mail/1.eml");

        await DeliverAsync(world);

        var listed = (await api.JsonAsync("invoice-mails?outcome=put_aside")).GetProperty("items")[0];
        Assert.Equal("/var/lib/isphost/mail/1.eml", listed.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_mail_that_nobody_took_is_tried_again_by_its_event()
    {
        await using var world = await IssueAsync("ada@example.org");
        world.Extensions.Mailbox.Answer = () => throw new IOException("connection refused");
        Assert.Equal(new EventOutcome.Later("connection refused"), await DeliverAsync(world));

        world.Extensions.Mailbox.Answer = null;
        await DeliverAsync(world);

        Assert.Equal(
            "sent: queued (2)",
            await world.Database.ScalarAsync<string>("select outcome || ': ' || detail || ' (' || attempt || ')' from billing.delivery"));
    }

    [Fact]
    public async Task While_an_attempt_is_under_way_another_sends_nothing()
    {
        await using var world = await IssueAsync("ada@example.org");
        var invoice = (await world.InvoicesAsync())[0].Invoice.Id;
        await world.Get<Documents>().GetAsync(world.Tenant, invoice, BillingWorld.Stop);
        Assert.Equal(1, await world.Get<MailAttempts>().BeginAsync(world.Tenant, invoice, [], null, BillingWorld.Stop));

        Assert.IsType<EventOutcome.Later>(await DeliverAsync(world));
        await using var api = await BillingApi.OpenAsync(world);
        Assert.Equal(HttpStatusCode.Conflict, (await api.PostAsync($"invoice-mails/{invoice}/send-again", "")).StatusCode);

        Assert.Empty(world.Extensions.Mailbox.Mails);
    }

    async Task<BillingWorld> IssueAsync(string? email, int customers = 1)
    {
        var world = await BillingWorld.OpenAsync(postgres);
        for (var i = 0; i < customers; i++)
            world.Shop.Sign(world.Shop.Register(email: email), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");
        return world;
    }

    /// <summary>As if the time of all leases had passed.</summary>
    static Task<int> LeasesRunOutAsync(BillingWorld world)
        => world.ExecuteAsync("update billing.delivery set leased_until = clock_timestamp() - interval '1 s' where outcome = 'sending'");

    static async Task<EventOutcome> DeliverAsync(BillingWorld world) => await DeliverAsync(world, Assert.Single(await world.EventsAsync()));

    static async Task<EventOutcome> DeliverAsync(BillingWorld world, InvoiceIssued happened)
    {
        var context = new EventContext { Tenant = world.Tenant, Id = Guid.NewGuid(), At = world.Shop.Clock };
        return await world.Get<InvoiceMail>().HandleAsync(context, happened, BillingWorld.Stop);
    }
}
