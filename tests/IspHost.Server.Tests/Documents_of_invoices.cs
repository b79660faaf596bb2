using System.Net.Http.Json;
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

    [Fact]
    public async Task Have_lines_that_each_version_of_the_API_names_in_its_own_way()
    {
        var provider = providers.All[0];
        var invoice = (await provider.InvoicesAsync(providers.Server.Operator))[0].GetProperty("id").GetString();
        using var client = await providers.Server.ClientOfAsync(provider.Code);

        var lines = new Dictionary<string, JsonElement>();
        foreach (var version in (string[])["2026-11-01", "2027-06-01"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"invoices/{invoice}");
            request.Headers.Add("Api-Version", version);
            using var answer = await client.SendAsync(request, Stop);
            lines[version] = (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("lines")[0];
        }

        Assert.Equal(1, lines["2026-11-01"].GetProperty("line_no").GetInt32());
        Assert.Equal(1, lines["2027-06-01"].GetProperty("number").GetInt32());
        Assert.False(lines["2027-06-01"].TryGetProperty("line_no", out _));
    }

    static Money MoneyOf(JsonElement amount) => amount.Deserialize<Money>(ApiClient.Json);
}
