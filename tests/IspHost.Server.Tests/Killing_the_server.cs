using System.Net;
using System.Text.Json;
using IspHost.Server.Commands;
using IspHost.Server.Serving;

namespace IspHost.Server.Tests;

public sealed class Killing_the_server
{
    const int Accounts = 1_500;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_the_middle_of_a_bill_run_leaves_every_account_billed_once_without_a_gap_after_the_next_start()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-killed-{Environment.ProcessId}");
        try
        {
            var provider = await BillHalfAndDieAsync(folder);

            await using var server = await ServerProcess.StartAsync(folder);
            var run = await BillingCommand.BillAsync(server.Operator, provider.Code, Provider.Period, Stop);

            Assert.Equal("done", run.GetProperty("state").GetString());
            var invoices = await provider.InvoicesAsync(server.Operator);
            Assert.Equal(Accounts, invoices.Count);
            Assert.Equal(Accounts, invoices.Select(invoice => invoice.GetProperty("customer").GetString()).Distinct().Count());
            Assert.Equal(
                Enumerable.Range(1, Accounts),
                invoices.Select(invoice => int.Parse(invoice.GetProperty("number").GetString()!.Split('-')[^1], null)).Order());
            var books = await server.Operator.GetAsync<JsonElement>("ledger/check", provider.Code, Stop);
            Assert.True(books.GetProperty("holds").GetBoolean(), books.GetRawText());
        }
        finally
        {
            await IspServer.DiscardDatabaseAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Leaves_no_key_behind_that_opens_the_API_after_the_next_start()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-killed-key-{Environment.ProcessId}");
        try
        {
            string key;
            await using (var killed = await ServerProcess.StartAsync(folder))
            {
                key = DataFolder.Find(folder)!.OperatorKey;
                await killed.KillAsync();
            }

            await using var server = await ServerProcess.StartAsync(folder);
            using var client = new HttpClient { BaseAddress = DataFolder.Find(folder)!.Address };
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);

            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/tenants", Stop)).StatusCode);
        }
        finally
        {
            await IspServer.DiscardDatabaseAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The run is killed once a part of the accounts has its invoices, and a part has not.</summary>
    static async Task<Provider> BillHalfAndDieAsync(string folder)
    {
        await using var server = await ServerProcess.StartAsync(folder);
        var provider = await Provider.CreateAsync(server.Operator, Accounts);
        await provider.EndMonthAsync(server.Operator);
        await server.Operator.PostAsync<JsonElement>("bill-runs", provider.Code, new { period = Provider.Period }, Stop);
        JsonElement run;
        while (Done(run = await server.Operator.GetAsync<JsonElement>($"bill-runs/{Provider.Period}", provider.Code, Stop)) == 0)
            await Task.Delay(20, Stop);
        await server.KillAsync();
        Assert.InRange(Done(run), 1, Accounts - 1);
        return provider;
    }

    static int Done(JsonElement run) => run.GetProperty("accounts").GetProperty("done").GetInt32();
}
