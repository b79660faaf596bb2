using System.Net;
using IspHost.Client;
using IspHost.Client.Models;
using IspHost.Simulator;
using NodaTime;

namespace IspHost.Server.Tests.Clients;

/// <summary>What the C# client can do with nothing but what the document says.</summary>
public sealed class The_generated_client(ServerFixture server)
{
    const string Secret = "client-secret-2026", UserName = "ann", Password = "ann-secret-2026";

    /// <summary>No other test of the assembly has an access server there.</summary>
    static readonly IPAddress Nas = IPAddress.Parse("127.2.0.1");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    IspHostClient Operator => IspHostClient.Connect(server.Address, server.OperatorKey);

    [Fact]
    public async Task Goes_from_a_tenant_to_its_invoice()
    {
        var tenant = await AddTenantAsync();
        var isp = await ClientOfAsync(tenant);
        var plan = await AddPlanAsync(isp);
        var customer = await isp.Api.V1.Customers.PostAsync(new CustomerDetails { Name = "Ann", Country = "GR" }, cancellationToken: Stop);
        var service = await isp.Api.V1.Subscriptions.PostAsync(
            new NewSubscription { Customer = customer!.Id, Plan = plan.Code, UserName = UserName, Password = Password },
            cancellationToken: Stop);
        Assert.Equal((Subscription_state.Active, "2026-10-01"), (service!.State, service.ActivatedOn.ToString()));

        await UseAsync(isp, tenant);
        var usage = await isp.Api.V1.Subscriptions[service.Id!.Value].Usage.GetAsync(
            request => (request.QueryParameters.From, request.QueryParameters.To) = ("2026-10-01", "2026-11-01"), Stop);
        Assert.Equal((2_000_000_000, 18_000_000_000), (usage!.BytesUp, usage.BytesDown));

        await SetClockAsync(tenant, "2026-11-02T06:00:00Z");
        var run = await BillAsync(isp);
        Assert.Equal((1, 0), (run.Accounts!.Done, run.Accounts.Parked));
        await AssertInvoicedAsync(isp, customer.Id!.Value);
    }

    [Fact]
    public async Task Reads_a_list_page_by_page()
    {
        var isp = await ClientOfAsync(await AddTenantAsync());
        foreach (var name in (string[])["Ann", "Ben", "Cleo"])
            await isp.Api.V1.Customers.PostAsync(new CustomerDetails { Name = name }, cancellationToken: Stop);

        // begin pages
        var names = new List<string?>();
        CustomerPage? page = null;
        do
        {
            page = await isp.Api.V1.Customers.GetAsync(
                request => (request.QueryParameters.Limit, request.QueryParameters.Cursor) = (2, page?.Next), Stop);
            names.AddRange(page!.Items!.Select(customer => customer.Name));
        }
        while (page.Next is not null);
        // end pages

        Assert.Equal(["Ann", "Ben", "Cleo"], names);
    }

    [Fact]
    public async Task Throws_a_refusal_with_its_kind_and_its_fields()
    {
        var isp = await ClientOfAsync(await AddTenantAsync());

        // begin refusal
        var refused = await Assert.ThrowsAsync<Problem>(
            () => isp.Api.V1.Customers.PostAsync(new CustomerDetails { Name = "", Email = "nowhere" }, cancellationToken: Stop));
        Assert.Equal(("/problems/invalid-field", 400), (refused.Type, refused.Status));
        Assert.Equal(["email", "name"], refused.Errors!.AdditionalData.Keys.Order());
        Assert.Equal(refused.Detail, refused.Message);
        // end refusal
    }

    [Fact]
    public async Task Changes_what_is_given_and_nothing_else()
    {
        var isp = await ClientOfAsync(await AddTenantAsync());
        var ann = await isp.Api.V1.Customers.PostAsync(new CustomerDetails { Name = "Ann", Segment = "business" }, cancellationToken: Stop);

        var changed = await isp.Api.V1.Customers[ann!.Id!.Value].PatchAsync(
            new CustomerDetailsPatch { Email = "ann@example.com" }, cancellationToken: Stop);

        Assert.Equal(("Ann", "ann@example.com", "business"), (changed!.Name, changed.Email, changed.Segment));
    }

    [Fact]
    public async Task Keeps_its_key_from_other_servers()
    {
        using var sink = new RecordingHandler();
        using var http = new HttpClient(sink);
        var client = IspHostClient.Connect(new Uri("https://isp.example"), "isp_acme_key", "acme", http);

        await client.Api.V1.Nas.WithUrl("https://elsewhere.example/nas").GetAsync(cancellationToken: Stop);
        await client.Api.V1.Nas.GetAsync(cancellationToken: Stop);

        Assert.Equal([null, "Bearer isp_acme_key"], sink.Requests.Select(request => request.Headers.Authorization?.ToString()));
        Assert.Equal(["2026-11-01", "2026-11-01"], sink.Requests.Select(request => request.Headers.GetValues("Api-Version").Single()));
        Assert.Equal(["acme"], sink.Requests[1].Headers.GetValues("Tenant"));
    }

    async Task<string> AddTenantAsync()
    {
        var tenant = await Operator.Api.V1.Tenants.PostAsync(
            new NewTenant { Code = $"c{Guid.NewGuid():N}"[..16], Currency = "EUR", Zone = "Europe/Athens" }, cancellationToken: Stop);
        await SetClockAsync(tenant!.Code!, "2026-10-01T06:00:00Z");
        return tenant.Code!;
    }

    async Task SetClockAsync(string tenant, string now)
    {
        var instant = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);
        var changed = await Operator.Api.V1.Tenants[tenant].Clock.PutAsync(new ClockTime { Now = instant }, cancellationToken: Stop);
        Assert.Equal(instant, changed!.TestClock);
    }

    async Task<IspHostClient> ClientOfAsync(string tenant)
    {
        var (address, operatorKey) = (server.Address, server.OperatorKey);
        // begin connect
        var @operator = IspHostClient.Connect(address, operatorKey, tenant);
        var key = await @operator.Api.V1.ApiKeys.PostAsync(new NewApiKey { Name = "journey", Scopes = ["all"] }, cancellationToken: Stop);
        var isp = IspHostClient.Connect(address, key!.Key!);
        // end connect
        return isp;
    }

    static async Task<Plan> AddPlanAsync(IspHostClient isp)
    {
        await isp.Api.V1.PriceScripts.PostAsync(
            new NewScript { Name = "metered", Source = "return Quantity * Rate;" }, cancellationToken: Stop);
        var plan = await isp.Api.V1.Plans.PostAsync(
            new PlanTerms
            {
                Code = "home",
                Name = "Home 100",
                Network = new NetworkTerms { Up = 20_000_000, Down = 100_000_000 },
                Price = new PlanPrice
                {
                    Recurring = new Money { Amount = "24.90", Currency = "EUR" },
                    Usage = new UsagePrice { Rule = "script", Script = "metered", Rate = "0.05" },
                },
            },
            cancellationToken: Stop);
        Assert.Equal(("24.90", "EUR"), (plan!.Price!.Recurring!.Amount, plan.Price.Recurring.Currency));
        return plan;
    }

    /// <summary>Ann is online for an hour, at an access server of her provider.</summary>
    async Task UseAsync(IspHostClient isp, string tenant)
    {
        await isp.Api.V1.Nas.PostAsync(
            new NasDetails { Name = "first", Address = Nas.ToString(), Secret = Secret, RequireMessageAuthenticator = true },
            cancellationToken: Stop);
        await SetClockAsync(tenant, "2026-10-20T12:00:00Z");
        using var nas = new SimulatedNas(Nas, Secret, server.Ports.RadiusAuth, server.Ports.RadiusAcct);
        var session = new SimulatedSession(
            "C0FFEE", UserName, Password, Port: 1, Instant.FromUtc(2026, 10, 20, 10, 0), Seconds: 3600, Up: 2_000_000_000,
            Down: 18_000_000_000, Reports: 3);
        for (var patience = 100; !await nas.PlayAsync(session, Stop); patience--)
        {
            Assert.True(patience > 0, "The node does not come to know the subscriber.");
            await Task.Delay(50, Stop);
        }
    }

    static async Task<BillingRun> BillAsync(IspHostClient isp)
    {
        var run = await isp.Api.V1.BillRuns.PostAsync(
            new BillingStartRun { Period = "2026-10" }, request => request.Headers.Add("Prefer", "wait=20"), Stop);
        while (run!.State != "done")
            run = await isp.Api.V1.BillRuns["2026-10"].GetAsync(cancellationToken: Stop);
        return run;
    }

    static async Task AssertInvoicedAsync(IspHostClient isp, Guid customer)
    {
        var list = await isp.Api.V1.Invoices.GetAsync(request => request.QueryParameters.Customer = customer, Stop);
        var invoice = await isp.Api.V1.Invoices[Assert.Single(list!.Items!).Id!.Value].GetAsync(cancellationToken: Stop);
        Assert.Equal([(1, "24.90"), (2, "1.00")], invoice!.Lines!.Select(line => (line.LineNo!.Value, line.Net!.Amount!)));
        Assert.Equal(("25.90", "6.22", "32.12"), (invoice.Net!.Amount, invoice.Tax!.Amount, invoice.Total!.Amount));

        await using var document = await isp.Api.V1.Invoices[invoice.Id!.Value].Pdf.GetAsync(cancellationToken: Stop);
        using var bytes = new MemoryStream();
        await document!.CopyToAsync(bytes, Stop);
        Assert.Equal(32.12m, InvoiceText.TotalOf(bytes.ToArray()).Amount);
    }

    /// <summary>Takes requests instead of a server.</summary>
    sealed class RecordingHandler : HttpMessageHandler
    {
        public List<HttpRequestMessage> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
        }
    }
}
