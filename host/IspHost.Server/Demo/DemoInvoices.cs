using System.Text.Json;
using IspHost.Sdk;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Server.Demo;

/// <summary>Reads the issued invoices of a tenant, adds them up, and stores their documents.</summary>
sealed class DemoInvoices(ApiClient api, string tenant)
{
    public async Task<InvoiceTotals> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        PrivateFiles.MakeOuter(folder);
        var totals = new InvoiceTotals(0, 0, 0, 0, 0);
        string? cursor = null;
        do
        {
            var query = cursor is null ? "" : $"&cursor={cursor}";
            var page = await api.GetAsync<JsonElement>($"invoices?limit=100{query}", tenant, cancellationToken);
            foreach (var invoice in page.GetProperty("items").EnumerateArray())
            {
                var id = invoice.GetProperty("id").GetString()!;
                totals = totals.With(await api.GetAsync<JsonElement>($"invoices/{id}", tenant, cancellationToken));
                var document = await api.DownloadAsync($"invoices/{id}/pdf", tenant, cancellationToken);
                await PrivateFiles.WriteAsync(
                    Path.Combine(folder, $"{FileName(invoice.GetProperty("number").GetString()!)}.pdf"), document, cancellationToken);
            }
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return totals;
    }

    static string FileName(string number) => string.Concat(number.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '-'));
}

/// <summary>The sums of a tenant's invoices; amounts in the currency's smallest unit.</summary>
sealed record InvoiceTotals(int Count, long UsageBytes, long NetMinor, long TaxMinor, long TotalMinor)
{
    public InvoiceTotals With(JsonElement invoice) => new(
        Count + 1,
        UsageBytes + invoice.GetProperty("lines").EnumerateArray().Sum(line => line.GetProperty("usage_bytes").GetInt64()),
        NetMinor + Minor(invoice, "net"),
        TaxMinor + Minor(invoice, "tax"),
        TotalMinor + Minor(invoice, "total"));

    static long Minor(JsonElement invoice, string amount) => invoice.GetProperty(amount).Deserialize<Money>(ApiClient.Json).ToMinor();
}
