using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;
using static IspHost.Plugins.Billing.Statements;

namespace IspHost.Plugins.Billing;

static class InvoiceEndpoints
{
    const int DefaultPage = 50;
    const int LargestPage = 500;

    public static void MapInvoices(this IEndpointRouteBuilder api)
    {
        var invoices = api.MapGroup("/invoices").WithTags("Invoices");

        invoices.MapGet("/", List).WithSummary("Invoices, the latest first.");
        invoices.MapGet("/{id:guid}", Find).WithSummary("An invoice with its lines.");
        invoices.MapGet("/{id:guid}/pdf", Pdf).WithSummary("An invoice as a PDF document.");
    }

    static async Task<IResult> List(
        CustomerId? customer, string? period, Guid? cursor, int? limit, [FromServices] TenantDatabase<BillingDb> database,
        [FromServices] ICurrentTenant caller, [FromServices] BillingJson json, CancellationToken cancellationToken)
    {
        DateRange? month = null;
        if (period is not null && !BillRun.TryParsePeriod(period, out month))
            return TypedResults.Problem("'period' must be a month such as 2026-10.", statusCode: 400, type: "/problems/not-a-period");
        var size = Math.Clamp(limit ?? DefaultPage, 1, LargestPage);
        var items = await database.OnConnectionAsync(
            caller.Id, (connection, stop) => PageAsync(connection, caller.Id, customer, month, cursor, size, stop), cancellationToken);
        return TypedResults.Json(new InvoicePage(items, items.Count == size ? items[^1].Id : null), json.InvoicePage);
    }

    static async Task<IResult> Find(
        Guid id, [FromServices] TenantDatabase<BillingDb> database, [FromServices] InvoiceReader reader,
        [FromServices] ICurrentTenant caller, [FromServices] BillingJson json, CancellationToken cancellationToken)
    {
        var issued = await database.OnConnectionAsync(
            caller.Id, (connection, stop) => reader.FindAsync(connection, caller.Id, id, stop), cancellationToken);
        return issued is null ? TypedResults.NotFound() : TypedResults.Json(InvoiceView.Of(issued), json.InvoiceView);
    }

    static async Task<IResult> Pdf(
        Guid id, [FromServices] Documents documents, [FromServices] ICurrentTenant caller, CancellationToken cancellationToken)
        => await documents.GetAsync(caller.Id, id, cancellationToken) is { } document
            ? TypedResults.File(document.Body, Document.ContentType, document.FileName)
            : TypedResults.NotFound();

    static Task<List<InvoiceSummary>> PageAsync(
        NpgsqlConnection connection, TenantId tenant, CustomerId? customer, DateRange? period, Guid? cursor, int limit,
        CancellationToken cancellationToken)
        => connection.ReadAsync("""
            select i.id, n.series, n.number, i.customer_id, lower(i.period), upper(i.period), i.issued_on, i.due_on, i.currency,
              i.net_minor, i.tax_minor
            from billing.invoice i join billing.invoice_number n on n.tenant_id = i.tenant_id and n.invoice_id = i.id
            where i.tenant_id = $1 and ($2::uuid is null or i.customer_id = $2) and ($3::date is null or lower(i.period) = $3)
              and ($4::uuid is null or i.id < $4)
            order by i.id desc limit $5
            """,
            [
                Arg(tenant.Value), OrNull(customer?.Value, NpgsqlDbType.Uuid), OrNull(period?.Start, NpgsqlDbType.Date),
                OrNull(cursor, NpgsqlDbType.Uuid), Arg(limit),
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
