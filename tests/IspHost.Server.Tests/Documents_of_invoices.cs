using System.Text.Json;
using IspHost.Sdk;
using IspHost.Server.Client;

namespace IspHost.Server.Tests;

[Collection<TwoProvidersOnOneServer>]
public sealed class Documents_of_invoices(TwoProviders providers)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Say_what_the_customer_owes_in_the_ledger()
    {
        var api = providers.Server.Operator;
        foreach (var provider in providers.All)
        {
            var invoices = await provider.InvoicesAsync(api);
            Assert.NotEmpty(invoices);
            foreach (var invoice in invoices)
            {
                var document = await api.DownloadAsync($"invoices/{invoice.GetProperty("id").GetString()}/pdf", provider.Code, Stop);
                var balance = await api.GetAsync<JsonElement>(
                    $"accounts/{invoice.GetProperty("customer").GetString()}/balance", provider.Code, Stop);

                Assert.Equal([InvoiceText.TotalOf(document)], balance.GetProperty("balances").EnumerateArray().Select(MoneyOf));
            }
        }
    }

    static Money MoneyOf(JsonElement amount) => amount.Deserialize<Money>(ApiClient.Json);
}
