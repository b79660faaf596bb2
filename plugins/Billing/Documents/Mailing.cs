using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Tenants;

namespace IspHost.Plugins.Billing;

/// <summary>That somebody wants an invoice to be mailed, whatever came of it before.</summary>
/// <param name="By">Who.</param>
/// <param name="Request">What names it, so that its repetition is known; null if nothing does.</param>
sealed record Wish(string By, Guid? Request);

/// <summary>What came of a wish to mail an invoice.</summary>
abstract record Mailed
{
    Mailed() { }

    /// <summary>It was tried, and this was written down.</summary>
    public sealed record Tried(string Outcome, string Detail) : Mailed;

    /// <summary>It has been tried for this very wish.</summary>
    public sealed record Repeated : Mailed;

    /// <summary>Another attempt is under way.</summary>
    public sealed record UnderWay : Mailed;

    /// <summary>It has been settled before, and is not tried again without being asked for.</summary>
    public sealed record Settled : Mailed;

    /// <summary>The customer has no address, or is gone.</summary>
    public sealed record NoAddress : Mailed;

    /// <summary>There is no such invoice.</summary>
    public sealed record NoInvoice : Mailed;
}

/// <summary>Draws the document of an invoice and mails it to the customer.</summary>
/// <remarks>
/// A mail cannot be part of a transaction. So it goes out twice only if a person wants it: an attempt of which nobody knows what came of it
/// ends as <c>unknown</c>, and no event repeats it.
/// </remarks>
sealed class Mailing(
    TenantDatabase<BillingDb> database, Documents documents, InvoiceReader reader, MailAttempts attempts, ICustomers customers,
    ITenants tenants, IExtensions extensions)
{
    const string Channel = "email";

    static readonly string[] NotSentYet = ["waiting"];
    static readonly string[] AnyButSent = ["waiting", "refused", "put_aside", "unknown"];

    /// <summary>Mails an invoice, unless that has been done.</summary>
    /// <param name="tenant">Whose invoice.</param>
    /// <param name="invoice">Which.</param>
    /// <param name="wish">Who wants it to be sent again; null for an event, which repeats nothing.</param>
    /// <param name="cancellationToken">Stops it; whether the mail has gone out may then be unknown.</param>
    public async Task<Mailed> SendAsync(TenantId tenant, Guid invoice, Wish? wish, CancellationToken cancellationToken)
    {
        if (await documents.GetAsync(tenant, invoice, cancellationToken) is not { } document
            || await FindAsync(tenant, invoice, cancellationToken) is not { Invoice: var issued })
            return new Mailed.NoInvoice();
        if (wish?.Request is { } request && await attempts.IsKnownAsync(tenant, invoice, request, cancellationToken))
            return new Mailed.Repeated();
        var customer = (await customers.GetAsync(tenant, [issued.Customer], cancellationToken)).SingleOrDefault();
        if (customer?.Email is not { } address)
            return new Mailed.NoAddress();

        var message = Message(tenants.Find(tenant)!, address, customer, issued, document);
        var from = wish is null ? NotSentYet : AnyButSent;
        // Looked at first, for what a dead node was sending is unknown from then on, and not under way.
        var before = await attempts.FindAsync(tenant, invoice, cancellationToken);
        if (await attempts.BeginAsync(tenant, invoice, from, wish, cancellationToken) is not { } attempt)
            return before is null or { Outcome: "sending" or "waiting" } ? new Mailed.UnderWay() : new Mailed.Settled();

        var tried = await TryAsync(message, cancellationToken);
        // Written down although the caller may not wait any more: otherwise the mail would count as unknown.
        await attempts.EndAsync(tenant, invoice, attempt, tried.Outcome, tried.Detail, CancellationToken.None);
        return tried;
    }

    async Task<Mailed.Tried> TryAsync(Notification message, CancellationToken cancellationToken)
    {
        try
        {
            return await extensions.Get<INotificationChannel>(Channel).SendAsync(message, cancellationToken) switch
            {
                NotificationResult.Sent sent => new("sent", sent.Reference),
                NotificationResult.Refused refused => new("refused", refused.Reason),
                NotificationResult.Later later => new("waiting", later.Reason),
                NotificationResult.Unknown unknown => new("unknown", unknown.Reason),
                NotificationResult.PutAside aside => new("put_aside", aside.Place),
                var other => throw new System.Diagnostics.UnreachableException($"A channel answered {other}."),
            };
        }
        // It may be sending still. A call that was given up is left as it is, for its lease to run out.
        catch (TimeoutException late)
        {
            return new("unknown", late.Message);
        }
        // The contract of INotificationChannel: whatever else it throws, nobody has the message.
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return new("waiting", failure.Message);
        }
    }

    Task<IssuedInvoice?> FindAsync(TenantId tenant, Guid invoice, CancellationToken cancellationToken)
        => database.OnConnectionAsync(tenant, (connection, stop) => reader.FindAsync(connection, tenant, invoice, stop), cancellationToken);

    /// <summary>As it stands on the document.</summary>
    static string AmountOf(Money money) => $"{InvoiceRow.Amount(money.ToMinor(), money.Currency)} {money.Currency}";

    static Notification Message(Tenant sender, string address, Customer customer, Invoice invoice, Document document) => new()
    {
        Tenant = sender.Id,
        Key = $"invoice-{invoice.Id}",
        To = address,
        From = sender.LegalName,
        Subject = $"Invoice {document.Number}",
        Text = string.Create(CultureInfo.InvariantCulture, $"""
            Dear {customer.Name},

            Your invoice {document.Number} for {AmountOf(invoice.Total)}, due on {invoice.DueOn:uuuu-MM-dd}, is attached.
            Your customer number is {customer.PortalId}.

            {sender.LegalName}
            """),
        // An array, since a collection expression would make a list type of this plugin, which then lives as long as the message.
        Attachments = new[]
        {
            new Attachment { FileName = document.FileName, ContentType = Document.ContentType, Content = document.Body },
        },
    };
}
