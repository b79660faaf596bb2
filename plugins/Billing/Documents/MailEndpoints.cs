using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Plugins.Billing;

static class MailEndpoints
{
    const int DefaultPage = 50;
    const int LargestPage = 500;

    public static void MapInvoiceMails(this IEndpointRouteBuilder api)
    {
        var mails = api.MapGroup("/invoice-mails").WithTags("Invoices");

        mails.MapGet("/", List).WithSummary("Invoices whose mail has not been sent, or may not have been.");
        mails.MapPost("/{invoice:guid}/send-again", SendAgain).WithSummary("Mails an invoice, whatever came of it before but 'sent'.");
    }

    static async Task<IResult> List(
        string? outcome, Guid? cursor, int? limit, [FromServices] MailAttempts attempts, [FromServices] ICurrentTenant caller,
        [FromServices] BillingJson json, CancellationToken cancellationToken)
    {
        var known = MailAttempts.Unsent;
        if (outcome is not null && !known.Contains(outcome))
            return Problem(StatusCodes.Status400BadRequest, "invalid-field", $"'outcome' must be one of {string.Join(", ", known)}.");
        var size = Math.Clamp(limit ?? DefaultPage, 1, LargestPage);
        return TypedResults.Json(await attempts.ListAsync(caller.Id, outcome, cursor, size, cancellationToken), json.MailPage);
    }

    static async Task<IResult> SendAgain(
        Guid invoice, [FromServices] Mailing mailing, [FromServices] MailAttempts attempts, [FromServices] ICurrentTenant caller,
        [FromServices] IAnswers answers, [FromServices] BillingJson json, CancellationToken cancellationToken)
        => await mailing.SendAsync(caller.Id, invoice, new Wish(caller.Actor, answers.Request), cancellationToken) switch
        {
            Mailed.NoInvoice => TypedResults.NotFound(),
            Mailed.NoAddress => Problem(StatusCodes.Status409Conflict, "no-address", "The customer has no e-mail address."),
            Mailed.Settled => Problem(StatusCodes.Status409Conflict, "mail-sent", "The mail has been sent."),
            Mailed.UnderWay => Problem(StatusCodes.Status409Conflict, "mail-under-way", "The mail is being sent at this moment."),
            _ => TypedResults.Json(await attempts.FindAsync(caller.Id, invoice, cancellationToken), json.MailView),
        };

    static ProblemHttpResult Problem(int status, string type, string detail)
        => TypedResults.Problem(detail, statusCode: status, type: $"/problems/{type}");
}
