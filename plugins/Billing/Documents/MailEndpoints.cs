using System.ComponentModel.DataAnnotations;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Plugins.Billing;

static class MailEndpoints
{
    // begin map
    public static void MapInvoiceMails(this IEndpointRouteBuilder api)
    {
        var mails = api.MapGroup("/invoice-mails")
            .InChapter("Invoices", "What customers were billed, and the mails that bring it to them.");

        mails.MapGet("/", List).Documented(
            "listInvoiceMails", "List mails that were not sent",
            "By invoice: those that wait, were refused, or may have gone out and may not.");
        mails.MapPost("/{invoice}/send-again", SendAgain).Refuses(NoAddress, Sent, UnderWay).Documented(
            "sendInvoiceMail", "Mail an invoice again",
            "Whatever came of it before but `sent`, at once and to the customer's present address.");
    }

    static readonly ProblemType NoAddress = new(
        "no-address", StatusCodes.Status409Conflict, "Conflict", "The customer has no e-mail address: give it one first.");

    // end map
    static readonly ProblemType Sent = new("mail-sent", StatusCodes.Status409Conflict, "Conflict", "The mail has been sent.");

    static readonly ProblemType UnderWay = new(
        "mail-under-way", StatusCodes.Status409Conflict, "Conflict", "The mail is being sent at this moment: look again in a minute.");

    // begin list
    static async Task<Results<Ok<Page<MailView>>, ProblemHttpResult>> List(
        [FromServices] MailAttempts attempts, [FromServices] ICurrentTenant caller, CancellationToken stop,
        [AllowedValues("waiting", "sending", "refused", "put_aside", "unknown")] string? outcome = null, [Cursor] string? cursor = null,
        [Limit] int limit = Page.DefaultSize)
        => Cursor.TryRead(cursor, "invoice-mails", out Guid? after)
            ? TypedResults.Ok(Page.Of(
                await attempts.ListAsync(caller.Id, outcome, after, limit + 1, stop), limit,
                mail => Cursor.Of("invoice-mails", mail.Invoice.ToString())))
            : Cursor.Unknown;
    // end list

    static async Task<Results<Ok<MailView>, NotFound, ProblemHttpResult>> SendAgain(
        Guid invoice, [FromServices] Mailing mailing, [FromServices] MailAttempts attempts, [FromServices] ICurrentTenant caller,
        [FromServices] IAnswers answers, CancellationToken stop)
        => await mailing.SendAsync(caller.Id, invoice, new Wish(caller.Actor, answers.Request), stop) switch
        {
            Mailed.NoInvoice => TypedResults.NotFound(),
            Mailed.NoAddress => Problems.Of(NoAddress, "The customer has no e-mail address."),
            Mailed.Settled => Problems.Of(Sent, "The mail has been sent."),
            Mailed.UnderWay => Problems.Of(UnderWay, "The mail is being sent at this moment."),
            _ => await attempts.FindAsync(caller.Id, invoice, stop) is { } mail ? TypedResults.Ok(mail) : TypedResults.NotFound(),
        };
}
