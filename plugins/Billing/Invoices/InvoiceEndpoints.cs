using System.ComponentModel.DataAnnotations;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

static class InvoiceEndpoints
{
    public static void MapInvoices(this IEndpointRouteBuilder api)
    {
        var invoices = api.MapGroup("/invoices").InChapter("Invoices", "What customers were billed, and the mails that bring it to them.");

        invoices.MapGet("/", List).Documented(
            "listInvoices", "List invoices",
            "The latest first, or the oldest with `sort=issued`; of one customer, or of one month, if they are given.");
        invoices.MapGet("/{id}", Find).Documented("getInvoice", "Get an invoice", "With its lines, and how each of them came about.");
        invoices.MapGet("/{id}/pdf", Pdf).Produces(StatusCodes.Status200OK).WithMetadata(new AnswersWith(Document.ContentType)).Documented(
            "getInvoiceDocument", "Get an invoice as a document", "The PDF that the customer got: drawn once, and the same ever after.");
    }

    static async Task<Results<Ok<Page<InvoiceSummary>>, ProblemHttpResult>> List(
        [FromServices] TenantDatabase<BillingDb> database, [FromServices] ICurrentTenant caller, CancellationToken stop,
        CustomerId? customer = null, [Month] string? period = null, [AllowedValues("issued", "-issued")] string sort = "-issued",
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        if (!Cursor.TryRead(cursor, $"invoices by {sort}", out Guid? after))
            return Cursor.Unknown;
        DateRange? month = null;
        if (period is not null && !BillRun.TryParsePeriod(period, out month))
            return BillRunEndpoints.NotAPeriod;
        var items = await database.OnConnectionAsync(
            caller.Id,
            (connection, token) => PageAsync(connection, caller.Id, customer, month, sort == "-issued", after, limit + 1, token), stop);
        return TypedResults.Ok(Page.Of(items, limit, invoice => Cursor.Of($"invoices by {sort}", invoice.Id.ToString())));
    }

    static async Task<Results<Ok<InvoiceView>, NotFound>> Find(
        Guid id, [FromServices] TenantDatabase<BillingDb> database, [FromServices] InvoiceReader reader,
        [FromServices] ICurrentTenant caller, CancellationToken stop)
    {
        var issued = await database.OnConnectionAsync(
            caller.Id, (connection, token) => reader.FindAsync(connection, caller.Id, id, token), stop);
        return issued is null ? TypedResults.NotFound() : TypedResults.Ok(InvoiceView.Of(issued));
    }

    static async Task<Results<FileContentHttpResult, NotFound>> Pdf(
        Guid id, [FromServices] Documents documents, [FromServices] ICurrentTenant caller, CancellationToken stop)
        => await documents.GetAsync(caller.Id, id, stop) is { } document
            ? TypedResults.File(document.Body, Document.ContentType, document.FileName)
            : TypedResults.NotFound();

    static Task<List<InvoiceSummary>> PageAsync(
        NpgsqlConnection connection, TenantId tenant, CustomerId? customer, DateRange? period, bool latestFirst, Guid? after, int limit,
        CancellationToken cancellationToken)
        => connection.ReadAsync($"""
            select i.id, n.series, n.number, i.customer_id, lower(i.period), upper(i.period), i.issued_on, i.due_on, i.currency,
              i.net_minor, i.tax_minor
            from billing.invoice i join billing.invoice_number n on n.tenant_id = i.tenant_id and n.invoice_id = i.id
            where i.tenant_id = $1 and ($2::uuid is null or i.customer_id = $2) and ($3::date is null or lower(i.period) = $3)
              and ($4::uuid is null or i.id {(latestFirst ? "<" : ">")} $4)
            order by i.id {(latestFirst ? "desc" : "asc")} limit $5
            """,
            [
                Arg(tenant.Value), OrNull(customer?.Value, NpgsqlDbType.Uuid), OrNull(period?.Start, NpgsqlDbType.Date),
                OrNull(after, NpgsqlDbType.Uuid), Arg(limit),
            ], Summary, cancellationToken);

    static NpgsqlParameter OrNull<T>(T? value, NpgsqlDbType type) where T : struct
        => new() { Value = value is { } some ? some : DBNull.Value, NpgsqlDbType = type };

    static InvoiceSummary Summary(NpgsqlDataReader row)
    {
        var currency = Currency.Of(row.GetString(8));
        var (net, tax) = (Money.FromMinor(row.GetInt64(9), currency), Money.FromMinor(row.GetInt64(10), currency));
        return new(
            row.GetGuid(0), new InvoiceNumber(row.GetString(1), row.GetInt64(2)).ToString(), new(row.GetGuid(3)),
            new(row.Date(4), row.Date(5)), row.Date(6), row.Date(7), net, tax, net + tax);
    }
}
