using IspHost.Sdk.Actors;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Taxes;
using NodaTime;

namespace IspHost.Sdk.Testing.Tests;

public sealed class PluginTestHostTests
{
    static readonly string Greets = PluginTestHost.FolderNamedBy<PluginTestHostTests>("Greets");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_extension_is_called_through_its_proxy()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, cancellationToken: Stop);
        var quote = await host.Extensions.Get<ITaxEngine>("greets").QuoteAsync(Document(), Stop);
        Assert.Equal(1m, Assert.Single(Assert.IsType<TaxQuote.Quoted>(quote).Taxes).RatePercent);
        Assert.NotEqual("Greets", host.Extensions.Get<ITaxEngine>("greets").GetType().Assembly.GetName().Name);
    }

    [Fact]
    public async Task What_the_test_offers_is_called_through_a_proxy_too()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, options => options.Offer<ITaxEngine>("none", new NoTax()), Stop);
        var quote = await host.Extensions.Get<ITaxEngine>("none").QuoteAsync(Document(), Stop);
        Assert.Empty(Assert.IsType<TaxQuote.Quoted>(quote).Taxes);
        Assert.Equal(["greets", "none"], host.Extensions.Names<ITaxEngine>());
    }

    [Fact]
    public async Task Jobs_run_when_the_test_says_so()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, cancellationToken: Stop);
        var run = new JobRun { Tenant = TenantId.New(), Key = "k", Argument = "everybody" };
        Assert.Equal(JobState.Running, (await host.Jobs.StartAsync("greet-all", run, Stop)).State);
        await host.Jobs.RunAllAsync(Stop);
        Assert.Equal(JobState.Done, (await host.Jobs.FindAsync(run.Tenant, "greet-all", "k", Stop))!.State);
    }

    [Fact]
    public async Task Actors_answer()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, cancellationToken: Stop);
        var answer = await host.Actors.SendAsync(TenantId.New(), "greeter", "1", new Envelope("hello", 1, "{}"u8.ToArray()), Stop);
        Assert.Equal(("greets.version", 1), (answer!.Schema, answer.Version));
    }

    [Fact]
    public async Task Events_are_handled_or_said_not_to_be()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, options => options.Tenants.Add("north"), Stop);
        var tenant = TenantId.New();
        var context = new EventContext { Tenant = tenant, Id = Guid.NewGuid(), At = Instant.FromUtc(2026, 11, 1, 9, 0) };
        await host.PublishAsync(context, Changed("fine"), Stop);
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => host.PublishAsync(context, Changed("broken"), Stop));
        Assert.Contains("cannot greet", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => host.PublishAsync(context, "no event", Stop));
    }

    [Fact]
    public async Task A_listener_is_asked_over_a_socket()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, options => options.Settings["Listen"] = "yes", Stop);
        Assert.Equal([1, .. "ping"u8], await host.AskAsync("echo", "ping"u8.ToArray(), Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => host.AskAsync("other", "ping"u8.ToArray(), Stop));
    }

    [Fact]
    public async Task Endpoints_are_called_over_http()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, cancellationToken: Stop);
        Assert.Equal("Hello Ada, from version 1", await host.Client.GetStringAsync(new Uri("greet/Ada", UriKind.Relative), Stop));
    }

    [Fact]
    public async Task Panels_are_read()
    {
        await using var host = await PluginTestHost.StartAsync(Greets, cancellationToken: Stop);
        Assert.Equal("Version 1", (await host.ReadPanelAsync("greetings", Stop)).Title);
    }

    [Fact]
    public async Task The_schema_is_brought_up_to_date_before_the_plugin_serves()
    {
        var seen = new List<string>();
        await using var host = await PluginTestHost.StartAsync(Greets, options =>
        {
            options.Settings["Schema"] = "greets";
            options.Migrate = (schema, scripts, _) =>
            {
                seen.AddRange(scripts.Select(script => $"{schema} {script.Name}"));
                return Task.CompletedTask;
            };
        }, Stop);
        Assert.NotEmpty(seen);
        Assert.All(seen, script => Assert.StartsWith("greets 0", script, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plugin_that_the_host_would_refuse_is_refused_with_the_reason()
    {
        var refused = await Assert.ThrowsAsync<PluginTestException>(
            () => PluginTestHost.StartAsync(Greets, options => options.Settings["Schema"] = "public", Stop));
        Assert.Contains(
            "Plugin greets was refused (configure, ISP1411): System.ArgumentException: The schema \"public\" must be", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_plugin_is_named()
    {
        var refused = await Assert.ThrowsAsync<PluginTestException>(() => PluginTestHost.StartAsync("/nowhere", cancellationToken: Stop));
        Assert.Equal("/nowhere has no plugin.json: is the plugin built, and was it copied to its output?", refused.Message);
    }

    static AccessChanged Changed(string reason)
        => new() { Subscription = SubscriptionId.New(), Access = AccessMode.Full, Reason = reason };

    internal static TaxDocument Document() => new()
    {
        Tenant = TenantId.New(),
        Seller = new TaxParty { Country = "GR" },
        Buyer = new TaxParty { Country = "GR" },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 11, 1),
        Lines = [new TaxableLine { Id = "1", Net = new Money(10m, Currency.Of("EUR")), TaxClass = "standard" }],
    };

    sealed class NoTax : ITaxEngine
    {
        public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
            => new(new TaxQuote.Quoted([]));
    }
}
