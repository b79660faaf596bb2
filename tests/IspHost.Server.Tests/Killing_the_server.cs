using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using IspHost.Core.Imports;
using IspHost.Server.Commands;
using IspHost.Server.Serving;
using IspHost.Testing;

namespace IspHost.Server.Tests;

[TakesLong]
public sealed class Killing_the_server
{
    const int Accounts = 1_000;
    const int Rows = 20_000;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_the_middle_of_a_bill_run_leaves_all_billed_once_without_a_gap_and_no_key_that_opens_the_next_one()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-killed-{Environment.ProcessId}");
        try
        {
            var (provider, key) = await BillHalfAndDieAsync(folder);

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
            Assert.Equal(HttpStatusCode.Unauthorized, await KnockAsync(folder, key));
        }
        finally
        {
            await IspServer.DiscardDatabaseAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task In_the_middle_of_an_import_leaves_each_row_imported_once_by_the_next_one_and_nobody_has_to_ask()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-killed-import-{Environment.ProcessId}");
        try
        {
            var (tenant, import) = await ImportHalfAndDieAsync(folder);

            await using var server = await ServerProcess.StartAsync(folder);
            ImportView end;
            while ((end = await LookAsync(server, tenant, import)).State is ImportState.Running)
                await Task.Delay(100, Stop);

            Assert.Equal((ImportState.Done, Rows, 0), (end.State, end.Imported, end.Refused));
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var service in await server.Operator.ListAsync<JsonElement>("subscriptions", tenant, Stop))
                Assert.True(names.Add(service.GetProperty("user_name").GetString()!));
            Assert.Equal(Rows, names.Count);
        }
        finally
        {
            await IspServer.DiscardDatabaseAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>Whose import it was, and which, of the server that is dead.</returns>
    static async Task<(string Tenant, Guid Import)> ImportHalfAndDieAsync(string folder)
    {
        await using var server = await ServerProcess.StartAsync(folder);
        await server.Operator.PostAsync<JsonElement>(
            "tenants", null, new { code = "acme", currency = "EUR", zone = "Europe/Athens" }, Stop);
        await Importing_subscribers.AddPlanAsync(server.Operator, "acme");
        using var file = new StringContent(Importing_subscribers.FileOf(Rows), new MediaTypeHeaderValue("text/csv", "utf-8"));
        var import = await server.Operator.PostAsync<ImportView>("imports/subscribers", "acme", file, Stop);
        while ((import = await LookAsync(server, "acme", import.Id)).Imported == 0)
            await Task.Delay(20, Stop);
        await server.KillAsync();
        Assert.InRange(import.Imported, 1, Rows - 1);
        return ("acme", import.Id);
    }

    static Task<ImportView> LookAsync(ServerProcess server, string tenant, Guid import)
        => server.Operator.GetAsync<ImportView>($"imports/{import}", tenant, Stop);

    /// <summary>The run is killed once a part of the accounts has its invoices, and a part has not.</summary>
    /// <returns>Whose run it was, and the key of the server that is dead.</returns>
    static async Task<(Provider Provider, string Key)> BillHalfAndDieAsync(string folder)
    {
        await using var server = await ServerProcess.StartAsync(folder);
        var key = DataFolder.Find(folder)!.OperatorKey;
        var provider = await Provider.CreateAsync(server.Operator, Accounts);
        await provider.EndMonthAsync(server.Operator);
        await server.Operator.PostAsync<JsonElement>("bill-runs", provider.Code, new { period = Provider.Period }, Stop);
        JsonElement run;
        while (Done(run = await server.Operator.GetAsync<JsonElement>($"bill-runs/{Provider.Period}", provider.Code, Stop)) == 0)
            await Task.Delay(20, Stop);
        await server.KillAsync();
        Assert.InRange(Done(run), 1, Accounts - 1);
        return (provider, key);
    }

    static async Task<HttpStatusCode> KnockAsync(string folder, string key)
    {
        using var client = new HttpClient { BaseAddress = DataFolder.Find(folder)!.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var answer = await client.GetAsync("/api/v1/tenants", Stop);
        return answer.StatusCode;
    }

    static int Done(JsonElement run) => run.GetProperty("accounts").GetProperty("done").GetInt32();
}
