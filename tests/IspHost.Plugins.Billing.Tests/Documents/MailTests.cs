using System.Text;
using IspHost.Sdk.Events;
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
        Assert.Contains("invoice A-0000001 over 37.2 EUR is attached. It is due on 2026-11-15.", mail.Text, StringComparison.Ordinal);
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

    async Task<BillingWorld> IssueAsync(string? email)
    {
        var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(email: email), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");
        return world;
    }

    static async Task DeliverAsync(BillingWorld world)
    {
        var happened = Assert.Single(await world.EventsAsync());
        var context = new EventContext { Tenant = world.Tenant, Id = Guid.NewGuid(), At = world.Shop.Clock };
        await world.Get<InvoiceMail>().HandleAsync(context, happened, BillingWorld.Stop);
    }
}
