using IspHost.Sdk.Events;

namespace IspHost.Plugins.Billing;

/// <summary>Mails an invoice when it has been issued.</summary>
sealed class InvoiceMail(Mailing mailing) : IEventHandler<InvoiceIssued>
{
    public async Task<EventOutcome> HandleAsync(EventContext context, InvoiceIssued happened, CancellationToken cancellationToken)
        => await mailing.SendAsync(context.Tenant, happened.Invoice, wish: null, cancellationToken) switch
        {
            Mailed.NoInvoice => throw new InvalidOperationException($"Invoice {happened.Number} is not there."),
            Mailed.UnderWay => new EventOutcome.Later("Another attempt to mail it is under way."),
            Mailed.Tried { Outcome: "waiting" } tried => new EventOutcome.Later(tried.Detail),
            _ => new EventOutcome.Handled(),
        };
}
