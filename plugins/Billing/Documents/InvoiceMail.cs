using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Tenants;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

/// <summary>Draws the document of an invoice that was issued, and mails it to the customer.</summary>
/// <remarks>What was delivered is written down, and the channel gets the same key each time: no event sends two mails.</remarks>
sealed class InvoiceMail(
    TenantDatabase<BillingDb> database, Documents documents, ICustomers customers, ITenants tenants, IExtensions extensions)
    : IEventHandler<InvoiceIssued>
{
    const string Channel = "email";

    public async Task<EventOutcome> HandleAsync(EventContext context, InvoiceIssued happened, CancellationToken cancellationToken)
    {
        var document = await documents.GetAsync(context.Tenant, happened.Invoice, cancellationToken)
            ?? throw new InvalidOperationException($"Invoice {happened.Number} is not there.");
        var customer = (await customers.GetAsync(context.Tenant, [happened.Customer], cancellationToken)).SingleOrDefault();
        if (customer?.Email is not { } address || await IsDeliveredAsync(context.Tenant, happened.Invoice, cancellationToken))
            return new EventOutcome.Handled();
        var sender = tenants.Find(context.Tenant) ?? throw new InvalidOperationException("The tenant is gone.");
        var result = await extensions.Get<INotificationChannel>(Channel)
            .SendAsync(Message(sender, address, customer, happened, document), cancellationToken);
        if (result is NotificationResult.Later later)
            return new EventOutcome.Later(later.Reason);
        await RecordAsync(context.Tenant, happened.Invoice, result, cancellationToken);
        return new EventOutcome.Handled();
    }

    static Notification Message(Tenant sender, string address, Customer customer, InvoiceIssued invoice, Document document) => new()
    {
        Tenant = sender.Id,
        Key = $"invoice-{invoice.Invoice}",
        To = address,
        From = sender.LegalName,
        Subject = $"Invoice {invoice.Number}",
        Text = string.Create(CultureInfo.InvariantCulture, $"""
            Dear {customer.Name},

            invoice {invoice.Number} over {invoice.Total} is attached. It is due on {invoice.Due:uuuu-MM-dd}.
            Your customer number is {customer.PortalId}.

            {sender.LegalName}
            """),
        // An array, since a collection expression would make a list type of this plugin, which then lives as long as the message.
        Attachments = new[]
        {
            new Attachment { FileName = document.FileName, ContentType = Document.ContentType, Content = document.Body },
        },
    };

    Task<bool> IsDeliveredAsync(TenantId tenant, Guid invoice, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, async (connection, stop) =>
        {
            await using var command = connection.Statement(
                "select exists (select from billing.delivery where tenant_id = $1 and invoice_id = $2 and channel = $3)",
                Arg(tenant.Value), Arg(invoice), Arg(Channel));
            return (bool)(await command.ExecuteScalarAsync(stop))!;
        }, cancellationToken);

    Task<int> RecordAsync(TenantId tenant, Guid invoice, NotificationResult result, CancellationToken cancellationToken)
    {
        var (outcome, detail) = result switch
        {
            NotificationResult.Sent sent => ("sent", sent.Reference),
            NotificationResult.Refused refused => ("refused", refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException($"A channel answered {result}."),
        };
        return database.OnConnectionAsync(tenant, (connection, stop) => connection.ExecuteAsync("""
            insert into billing.delivery (tenant_id, invoice_id, channel, outcome, detail, delivered_at) values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing
            """,
            [Arg(tenant.Value), Arg(invoice), Arg(Channel), Arg(outcome), Arg(detail), Arg(tenants.Now(tenant))], stop), cancellationToken);
    }
}
