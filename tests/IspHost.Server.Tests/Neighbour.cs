using System.Net;
using System.Text.Json;
using IspHost.Core.Tenants;
using IspHost.Server.Client;
using IspHost.Server.Demo;
using IspHost.Simulator;
using NodaTime;

namespace IspHost.Server.Tests;

/// <summary>A small provider of October 2026 whose customers get mail, with its access server.</summary>
sealed class Neighbour(ServerProcess server, DemoIsp isp) : IDisposable
{
    public const int Customers = 3;

    /// <summary>What a session uses, in bytes: at the plan's rate one euro.</summary>
    const long Up = 2_000_000_000, Down = 18_000_000_000;

    readonly SimulatedNas nas = new(isp.Nas, isp.Secret, server.Ports.RadiusAuth, server.Ports.RadiusAcct);
    int played;
    long lostBefore;

    public string Code => isp.Code;

    /// <summary>How many times each of the customers was online in October.</summary>
    public int Billable { get; private set; }

    /// <summary>Requests that got no answer, since all customers were known.</summary>
    public long Lost => nas.Lost - lostBefore;

    /// <summary>What its access server has counted.</summary>
    public long Bytes => nas.Bytes;

    public IEnumerable<string> MailAddresses => isp.Customers.Select(customer => $"{customer.UserName}@{isp.Code}.example");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Neighbour> MoveInAsync(ServerProcess server, string code, byte number, string script)
    {
        var model = DemoIsp.Both[0];
        var isp = model with
        {
            Code = code,
            Nas = new IPAddress([127, 1, 0, number]),
            Script = script,
            Plans = [model.Plans[0]],
            Customers =
            [
                .. Enumerable.Range(1, Customers).Select(i => new DemoCustomer($"Customer {i}", $"{code}-{i}", model.Plans[0].Code)),
            ],
        };
        await new DemoSetup(server.Operator).CreateAsync(isp, Provider.At(2026, 10, 1, 0), Stop);
        var neighbour = new Neighbour(server, isp);
        await neighbour.SetClockAsync(Provider.At(2026, 10, 20, 12));
        return neighbour;
    }

    /// <summary>Waits until the node knows all customers: each of them comes online, and uses nothing.</summary>
    public async Task BecomeKnownAsync()
    {
        for (var patience = 100; await PlayAsync(Provider.At(2026, 10, 20, 9), euros: 0) < Customers; patience--)
        {
            Assert.True(patience > 0, $"The node does not come to know the customers of {Code}.");
            await Task.Delay(100, Stop);
        }
        lostBefore = nas.Lost;
    }

    /// <summary>Each customer comes online once.</summary>
    /// <param name="start">When.</param>
    /// <param name="euros">For how much.</param>
    /// <returns>How many were let in.</returns>
    public async Task<int> PlayAsync(Instant start, int euros = 1)
    {
        var round = ++played;
        var letIn = await Task.WhenAll(isp.Customers.Select((customer, port) => nas.PlayAsync(
            new SimulatedSession(
                $"{round:X4}{port:X4}", customer.UserName, customer.Password, (uint)port, start, Seconds: 3600, euros * Up, euros * Down,
                Reports: 3),
            Stop)));
        return letIn.Count(accepted => accepted);
    }

    /// <summary>Each customer comes online some times in October.</summary>
    /// <returns>How many were not let in.</returns>
    public async Task<int> PlayOctoberAsync(int times)
    {
        var refused = 0;
        for (var i = 0; i < times; i++)
            refused += Customers - await PlayAsync(Provider.At(2026, 10, 20, 10));
        Billable += times;
        return refused;
    }

    /// <summary>Its customers come and go in November until it is enough.</summary>
    /// <returns>How many were not let in.</returns>
    public async Task<int> PlayNovemberAsync(CancellationToken enough)
    {
        var refused = 0;
        while (!enough.IsCancellationRequested)
        {
            refused += Customers - await PlayAsync(Provider.At(2026, 11, 2, 4));
            await Task.Delay(100, Stop);
        }
        return refused;
    }

    /// <summary>Its access server begins anew.</summary>
    /// <returns>False if nobody answers.</returns>
    public Task<bool> RestartAsync(Instant at) => nas.BeginAnewAsync(at, Stop);

    /// <summary>Ends the month, so that it can be billed.</summary>
    public Task EndMonthAsync() => SetClockAsync(Provider.At(2026, 11, 2, 6));

    /// <summary>Bills the month.</summary>
    /// <returns>The run when it has ended.</returns>
    public Task<JsonElement> BillAsync() => Commands.BillingCommand.BillAsync(server.Operator, Code, Provider.Period, Stop);

    /// <summary>Bills again whom the run has parked.</summary>
    public async Task<JsonElement> RetryAsync()
    {
        await server.Operator.PostAsync<JsonElement>($"bill-runs/{Provider.Period}/retry-parked", Code, body: null, Stop);
        return await BillAsync();
    }

    /// <summary>Net and tax of each invoice.</summary>
    public async Task<List<(decimal Net, decimal Tax)>> InvoicesAsync()
    {
        var page = await server.Operator.GetAsync<JsonElement>("invoices?limit=500", Code, Stop);
        return [.. page.GetProperty("items").EnumerateArray().Select(invoice => (Amount(invoice, "net"), Amount(invoice, "tax")))];
    }

    /// <summary>What each invoice should be: the month, and a euro a session.</summary>
    public List<(decimal Net, decimal Tax)> ExpectedInvoices()
        => [.. Enumerable.Repeat((24.90m + Billable, 5.98m + Billable * 0.24m), Customers)];

    /// <summary>The mails that have not gone out.</summary>
    public async Task<List<JsonElement>> UnsentMailsAsync()
        => [.. (await server.Operator.GetAsync<JsonElement>("invoice-mails", Code, Stop)).GetProperty("items").EnumerateArray()];

    /// <summary>Has a mail sent now that would be tried again later.</summary>
    public async Task SendAgainAsync(JsonElement mail)
    {
        try
        {
            var invoice = mail.GetProperty("invoice").GetString();
            await server.Operator.PostAsync<JsonElement>($"invoice-mails/{invoice}/send-again", Code, body: null, Stop);
        }
        catch (RequestException refused) when (refused.Status == HttpStatusCode.Conflict)
        {
            // It is being sent at this moment, or has been.
        }
    }

    public void Dispose() => nas.Dispose();

    static decimal Amount(JsonElement invoice, string of)
        => decimal.Parse(invoice.GetProperty(of).GetProperty("amount").GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    Task<TenantView> SetClockAsync(Instant now)
        => server.Operator.PutAsync<TenantView>($"tenants/{Code}/clock", null, new ClockTime(now), Stop);
}
