using System.Collections.Immutable;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Taxes;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.PluginRuntime.Tests;

public sealed class CallTests
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60); // Of the notification point.

    [Theory]
    [InlineData("hang")]
    [InlineData("hang until cancelled")]
    [InlineData("block until cancelled")]
    public async Task A_call_past_its_deadline_gives_its_caller_a_TimeoutException(string mood)
    {
        var time = new FakeTimeProvider();
        await using var host = await HangsAsync(time);

        var call = SendAsync(host, mood);
        await InsideAsync(host, 1);
        time.Advance(Deadline - TimeSpan.FromSeconds(1));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task A_lease_is_held_until_the_code_has_really_ended()
    {
        var time = new FakeTimeProvider();
        await using var host = await HangsAsync(time);

        var hanging = SendAsync(host, "hang");
        var obeying = SendAsync(host, "hang until cancelled");
        await InsideAsync(host, 2);
        time.Advance(Deadline);
        await Assert.ThrowsAsync<TimeoutException>(() => hanging);
        await Assert.ThrowsAsync<TimeoutException>(() => obeying);

        await InsideAsync(host, 1); // The one that hangs for ever.
    }

    [Fact]
    public async Task A_call_that_hangs_is_reported_by_the_drain_and_by_the_proof()
    {
        await using var host = await HangsAsync(TimeProvider.System);
        var hanging = SendAsync(host, "hang");
        await InsideAsync(host, 1);

        var report = await host.RemoveAsync("hangs", TestHost.Stop);

        Assert.False(report.Drained);
        Assert.False(report.Unloaded);
        Assert.Equal(1, host.Status.Single().LeakedContexts);
        await Assert.ThrowsAsync<TimeoutException>(() => hanging); // It was told to end, and its caller with it.
    }

    [Fact]
    public async Task A_call_that_obeys_is_cancelled_by_the_drain_and_the_code_is_unloaded()
    {
        await using var host = await HangsAsync(TimeProvider.System);
        var obeying = SendAsync(host, "hang until cancelled");
        await InsideAsync(host, 1);

        var report = await host.RemoveAsync("hangs", TestHost.Stop);
        await Assert.ThrowsAsync<TimeoutException>(() => obeying);

        Assert.False(report.Drained);
        Assert.True(report.Unloaded);
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_its_own_cancellation()
    {
        await using var host = await HangsAsync(TimeProvider.System);
        using var patience = new CancellationTokenSource();
        var call = Moody(host).SendAsync(Samples.Message("hang until cancelled"), patience.Token).AsTask();
        await InsideAsync(host, 1);

        await patience.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(patience.Token, cancelled.CancellationToken);
    }

    [Fact]
    public async Task An_exception_of_the_plugin_comes_out_as_text()
    {
        await using var host = await HangsAsync(TimeProvider.System);

        var failed = await Assert.ThrowsAsync<ExtensionFailedException>(() => SendAsync(host, "throw"));

        Assert.Equal("Hangs.MoodException", failed.TypeName);
        Assert.Equal("The notification extension 'moody' failed: Hangs.MoodException: not in the mood", failed.Message);
        Assert.Null(failed.InnerException);
        Assert.Contains("MoodyChannel.SendAsync", failed.Details);
        Assert.True((await host.RemoveAsync("hangs", TestHost.Stop)).Unloaded);
    }

    [Fact]
    public async Task A_synchronous_extension_fails_as_text_too()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var failed = Assert.Throws<ExtensionFailedException>(()
            => host.Extensions.Get<INasVendor>("greets").Identify(
                Samples.Tenant, new SessionIdentity { AcctSessionId = "1", UserName = "u" }));

        Assert.Equal("Greets.GreetingException", failed.TypeName);
        Assert.True((await host.RemoveAsync("greets", TestHost.Stop)).Unloaded);
    }

    [Fact]
    public async Task The_breaker_opens_after_five_calls_without_answer_and_closes_after_one_that_works()
    {
        var time = new FakeTimeProvider();
        await using var host = await HangsAsync(time);
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAsync<ExtensionFailedException>(() => SendAsync(host, "throw"));

        var refused = await Assert.ThrowsAsync<ExtensionUnavailableException>(() => SendAsync(host, "answer"));
        Assert.Equal("The notification extension 'moody' is not available: plugin hangs keeps failing.", refused.Message);
        Assert.Equal([new OpenBreaker("notification/moody", 1)], host.Status.Single().OpenBreakers);

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.IsType<NotificationResult.Sent>(await Moody(host).SendAsync(Samples.Message("answer"), TestHost.Stop));
        Assert.Empty(host.Status.Single().OpenBreakers);
    }

    [Fact]
    public async Task A_tenant_that_makes_an_extension_throw_is_refused_and_nine_others_are_not()
    {
        await using var host = await HangsAsync(new FakeTimeProvider());
        var healthy = Enumerable.Range(0, 9).Select(_ => TenantId.New()).ToArray();
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(host, "throw"));
            foreach (var tenant in healthy)
                Assert.IsType<NotificationResult.Sent>(await SendAsync(host, "answer", tenant));
        }

        await Assert.ThrowsAsync<ExtensionUnavailableException>(() => SendAsync(host, "answer"));
        Assert.Equal([new OpenBreaker("notification/moody", 1)], host.Status.Single().OpenBreakers);
    }

    [Fact]
    public async Task A_tenant_whose_calls_hang_fills_its_share_and_the_others_go_on()
    {
        await using var host = await HangsAsync(TimeProvider.System, options => options.ConcurrentCalls = 4);
        using var patience = new CancellationTokenSource();
        var hanging = Enumerable.Range(0, 10)
            .Select(_ => Moody(host).SendAsync(Samples.Message("hang until cancelled"), patience.Token).AsTask()).ToArray();

        for (var i = 0; i < 9; i++)
            Assert.IsType<NotificationResult.Sent>(await SendAsync(host, "answer", TenantId.New()));

        Assert.DoesNotContain(hanging, call => call.IsCompleted);
        await patience.CancelAsync();
        await Task.WhenAll(hanging.Select(call => Assert.ThrowsAnyAsync<OperationCanceledException>(() => call)));
    }

    [Fact]
    public async Task A_new_generation_starts_with_a_closed_breaker()
    {
        await using var host = await HangsAsync(TimeProvider.System);
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAsync<ExtensionFailedException>(() => SendAsync(host, "throw"));

        await host.ReplaceAsync("hangs", Fixtures.Hangs, TestHost.Stop);

        Assert.IsType<NotificationResult.Sent>(await Moody(host).SendAsync(Samples.Message("answer"), TestHost.Stop));
    }

    [Fact]
    public async Task A_call_that_finds_no_place_within_its_deadline_did_not_happen()
    {
        var time = new FakeTimeProvider();
        await using var host = await HangsAsync(time, options => options.ConcurrentCalls = 1);
        using var patience = new CancellationTokenSource();
        var first = SendAsync(host, "hang");
        await InsideAsync(host, 1);
        time.Advance(TimeSpan.FromSeconds(1));

        var second = SendAsync(host, "answer");
        time.Advance(Deadline - TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        time.Advance(TimeSpan.FromSeconds(1));

        var refused = await Assert.ThrowsAsync<ExtensionUnavailableException>(() => second);
        Assert.Contains("busy", refused.Message);
    }

    [Fact]
    public async Task A_proxy_taken_before_the_plugin_is_there_works_once_it_is()
    {
        await using var host = TestHost.Start();
        var tax = host.Extensions.Get<ITaxEngine>("greets");
        await Assert.ThrowsAsync<ExtensionUnavailableException>(() => tax.QuoteAsync(Samples.Document("standard"), TestHost.Stop).AsTask());

        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);

        var quote = Assert.IsType<TaxQuote.Quoted>(await tax.QuoteAsync(Samples.Document("standard"), TestHost.Stop));
        Assert.Equal(1m, Assert.Single(quote.Taxes).RatePercent);
        Assert.Equal(["greets"], host.Extensions.Names<ITaxEngine>());
    }

    [Fact]
    public async Task A_quote_that_the_caller_keeps_does_not_keep_the_plugin_loaded()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var quote = await host.Extensions.Get<ITaxEngine>("greets").QuoteAsync(Samples.Document("standard"), TestHost.Stop);
        var panel = await host.Panels[0].Target.ReadAsync(TestHost.Stop);

        Assert.True((await host.RemoveAsync("greets", TestHost.Stop)).Unloaded);
        Assert.Single(Assert.IsType<TaxQuote.Quoted>(quote).Taxes);
        Assert.Single(panel.Rows);
    }

    [Fact]
    public async Task The_host_offers_extensions_of_its_own()
    {
        await using var host = TestHost.Start();
        host.Offer<INasVendor>("standard", new StandardVendor());

        Assert.Empty(host.Extensions.Get<INasVendor>("standard").Authorize(Samples.Tenant, Samples.Profile, AccessMode.Full));
        Assert.Equal(["standard"], host.Extensions.Names<INasVendor>());
        Assert.Throws<PluginLoadException>(() => host.Offer<INasVendor>("standard", new StandardVendor()));
    }

    sealed class StandardVendor : INasVendor
    {
        public ImmutableArray<RadiusAttribute> Authorize(TenantId tenant, AccessProfile profile, AccessMode access) => [];

        public ImmutableArray<RadiusAttribute>? Change(TenantId tenant, AccessProfile profile, AccessMode access) => null;

        public ImmutableArray<RadiusAttribute> Identify(TenantId tenant, SessionIdentity session) => [];
    }

    static async Task<PluginHost> HangsAsync(TimeProvider time, Action<PluginRuntimeOptions>? configure = null)
    {
        var host = TestHost.Start(
            options =>
            {
                options.DrainDeadline = time is FakeTimeProvider ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50);
                options.CancelGrace = time is FakeTimeProvider ? TimeSpan.Zero : TimeSpan.FromMilliseconds(500);
                configure?.Invoke(options);
            },
            time);
        await host.LoadAsync(Fixtures.Hangs, TestHost.Stop);
        return host;
    }

    static Task<NotificationResult> SendAsync(PluginHost host, string mood, TenantId? tenant = null)
        => Moody(host).SendAsync(Samples.Message(mood, tenant), TestHost.Stop).AsTask();

    static INotificationChannel Moody(PluginHost host) => host.Extensions.Get<INotificationChannel>("moody");

    /// <summary>Waits until so many calls are inside.</summary>
    static async Task InsideAsync(PluginHost host, int calls)
    {
        while (host.Status.Single().OpenLeases != calls)
            await Task.Delay(5, TestHost.Stop);
    }
}
