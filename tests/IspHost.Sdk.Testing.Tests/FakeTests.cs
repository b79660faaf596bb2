using System.Net;
using System.Text;
using HelloTax;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.Time.Testing;
using NodaTime;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>The fakes keep the promises that the host services make.</summary>
public sealed class FakeTests
{
    static readonly Instant Start = Instant.FromUtc(2026, 10, 1, 0, 0);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void The_clock_of_tenants_stands_still_until_it_is_moved()
    {
        var tenants = new FakeTenants(Start);
        var tenant = tenants.Add("acme");
        tenants.MoveBy(Duration.FromDays(1));
        Assert.Equal(Start + Duration.FromDays(1), tenants.Now(tenant.Id));
        tenants.MoveTo(Start);
        Assert.Equal(Start, tenants.Now(tenant.Id));
        Assert.Null(tenants.Find(TenantId.New()));
    }

    [Fact]
    public async Task Customers_come_in_pages_of_one_tenant()
    {
        var (customers, tenant) = (new InMemoryCustomers(), TenantId.New());
        var all = Enumerable.Range(0, 5)
            .Select(i => customers.Add(tenant, $"Customer {i}"))
            .OrderBy(customer => customer.Id.Value)
            .ToList();
        customers.Add(TenantId.New(), "A stranger");
        var first = await customers.PageAsync(tenant, null, 3, Stop);
        var second = await customers.PageAsync(tenant, first[^1].Id, 3, Stop);
        Assert.Equal(all, first.Concat(second));
        Assert.Equal(2, second.Count);
    }

    [Fact]
    public async Task Usage_is_summed_by_hour_of_the_tenants_zone_also_when_clocks_go_back()
    {
        var tenants = new FakeTenants(Start);
        var (tenant, subscription, usage) = (tenants.Add("acme").Id, SubscriptionId.New(), new InMemoryUsage(tenants));
        foreach (var minute in new[] { 0, 59, 60 })
            usage.Add(tenant, subscription, Instant.FromUtc(2026, 10, 25, 0, 0) + Duration.FromMinutes(minute), new(1), new(10));

        var hours = await usage.ReadAsync(tenant, [subscription], DateRange.Month(new YearMonth(2026, 10)), Stop);

        Assert.Equal(["2026-10-25T03:00:00+03 20", "2026-10-25T03:00:00+02 10"], hours.Select(hour => $"{hour.Hour} {hour.Down.Bytes}"));
    }

    [Fact]
    public async Task The_same_service_gets_the_same_address_and_the_pool_runs_dry()
    {
        var pool = new InMemorySubscribers(new AddressAssignment { V4 = IPAddress.Parse("10.0.0.1") });
        var tenant = TenantId.New();
        var (one, other) = (pool.Add(tenant, "one", "p"), pool.Add(tenant, "other", "p"));
        var first = await pool.AssignAddressesAsync(tenant, one.Subscription, Stop);
        Assert.Equal(first, await pool.AssignAddressesAsync(tenant, one.Subscription, Stop));
        Assert.Null(await pool.AssignAddressesAsync(tenant, other.Subscription, Stop));
        Assert.Equal(first, pool.Find(tenant, "one")!.Addresses);
        Assert.Null(pool.Find(TenantId.New(), "one"));
    }

    [Fact]
    public void An_answer_is_remembered_for_thirty_seconds()
    {
        var clock = new FakeTimeProvider();
        var cache = new InMemoryReplyCache(clock);
        var slot = new ReplySlot(new IPEndPoint(IPAddress.Loopback, 1812), "radius-auth", 7);
        Assert.Equal(ReplyState.New, cache.Begin(slot, 1, out _));
        Assert.Equal(ReplyState.InProgress, cache.Begin(slot, 1, out _));
        cache.Complete(slot, 1, [2, 7]);
        Assert.Equal(ReplyState.Answered, cache.Begin(slot, 1, out var reply));
        Assert.Equal([2, 7], reply.ToArray());
        Assert.Equal(ReplyState.New, cache.Begin(slot, 2, out _));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ReplyState.New, cache.Begin(slot, 2, out _));
    }

    [Fact]
    public async Task An_extension_that_was_got_stays_valid_while_plugins_come_and_go()
    {
        var extensions = new FakeExtensions();
        var engine = extensions.Get<ITaxEngine>("vat");
        var document = Document;
        await Assert.ThrowsAsync<ExtensionUnavailableException>(async () => await engine.QuoteAsync(document, Stop));
        extensions.Add<ITaxEngine>("vat", new FlatTax(24m));
        Assert.Equal(24m, await RateAsync(engine, document));
        extensions.Add<ITaxEngine>("vat", new FlatTax(25m));
        Assert.Equal(25m, await RateAsync(engine, document));
        Assert.Equal(["vat"], extensions.Names<ITaxEngine>());
        Assert.Throws<ArgumentException>(() => extensions.Get<IDisposable>("vat"));
    }

    [Fact]
    public async Task A_job_runs_when_the_test_says_so_and_every_piece_twice_if_asked()
    {
        var (jobs, job, run) = (new FakeJobs { Twice = true }, new Counting(), new JobRun { Tenant = TenantId.New(), Key = "2026-10" });
        jobs.Add("bill-run", job);
        Assert.Equal(JobState.Running, (await jobs.StartAsync("bill-run", run, Stop)).State);
        Assert.Equal(0, job.Pieces);
        await jobs.RunAllAsync(Stop);
        Assert.Equal(4, job.Pieces);
        Assert.Equal(JobState.Done, (await jobs.StartAsync("bill-run", run, Stop)).State);
        Assert.Null(await jobs.FindAsync(run.Tenant, "bill-run", "2026-11", Stop));
    }

    [Fact]
    public async Task A_job_that_refuses_has_failed_with_the_reason()
    {
        var (jobs, run) = (new FakeJobs(), new JobRun { Tenant = TenantId.New(), Key = "1", Argument = "nonsense" });
        jobs.Add("bill-run", new Counting());
        await jobs.StartAsync("bill-run", run, Stop);
        await jobs.RunAllAsync(Stop);
        var status = await jobs.FindAsync(run.Tenant, "bill-run", "1", Stop);
        Assert.Equal((JobState.Failed, "'nonsense' is no period."), (status!.State, status.Error));
    }

    [Fact]
    public async Task An_actor_keeps_its_state_and_wakes_when_time_passes()
    {
        var (actors, tenant) = (new FakeActors(), TenantId.New());
        actors.Add("reminder", new Reminder());
        await actors.SendAsync(tenant, "reminder", "1", Text("remind me"), Stop);
        Assert.Equal("waiting", Show(actors.State(tenant, "reminder", "1")));
        await actors.PassAsync(Duration.FromSeconds(59), Stop);
        Assert.Equal("waiting", Show(actors.State(tenant, "reminder", "1")));
        await actors.PassAsync(Duration.FromSeconds(1), Stop);
        Assert.Null(actors.State(tenant, "reminder", "1"));
        Assert.Equal(Duration.FromMinutes(1), actors.Elapsed);
    }

    [Fact]
    public void A_datagram_keeps_its_answers()
    {
        var datagram = new FakeDatagram(new byte[] { 1 });
        datagram.Reply([2]);
        Assert.Equal([2], Assert.Single(datagram.Replies));
    }

    static async Task<decimal> RateAsync(ITaxEngine engine, TaxDocument document)
        => Assert.Single(Assert.IsType<TaxQuote.Quoted>(await engine.QuoteAsync(document, Stop)).Taxes).RatePercent;

    static TaxDocument Document => new()
    {
        Tenant = TenantId.New(),
        Seller = new TaxParty { Country = "GR" },
        Buyer = new TaxParty { Country = "GR" },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 10, 31),
        Lines = [new TaxableLine { Id = "1", Net = Money.FromMinor(100, Currency.Of("EUR")), TaxClass = "standard" }],
    };

    static Envelope Text(string text) => new("text", 1, Encoding.UTF8.GetBytes($"\"{text}\""));

    static string? Show(Envelope? envelope) => envelope is null ? null : Encoding.UTF8.GetString(envelope.Json.Span).Trim('"');

    sealed class Counting : IJob
    {
        public int Pieces { get; private set; }

        public Task<int> PrepareAsync(JobRun run, CancellationToken cancellationToken)
            => run.Argument.Length == 0 ? Task.FromResult(2) : throw new JobRefusedException($"'{run.Argument}' is no period.");

        public Task<JobStep> RunAsync(JobRun run, int partition, CancellationToken cancellationToken)
        {
            Pieces++;
            return Task.FromResult<JobStep>(new JobStep.Done());
        }

        public Task FinishAsync(JobRun run, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    sealed class Reminder : IActor
    {
        public ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
            => ValueTask.FromResult(actor.State is null
                ? new ActorTurn { State = Text("waiting"), WakeUp = new WakeUp(Duration.FromMinutes(1), Text("now")) }
                : new ActorTurn());
    }
}
