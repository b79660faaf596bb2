using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using IspHost.Simulator;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>How long a provider's access server waits while 60 other providers bill their month on the same node.</summary>
/// <remarks>
/// In a server process: each session is a login, a start and a stop, and the slowest hundredth of all answers counts. The first month, in
/// which a server still compiles its code, is told apart.
/// </remarks>
static class NeighboursBenchmark
{
    const int Billing = 60;
    const int Lines = 4;

    const byte UserName = 1, AcctStatusType = 40, AcctSessionId = 44, AcctSessionTime = 46, EventTimestamp = 55;

    /// <summary>Of a session, between its packets: a busy access server, and not one that sends as fast as it can.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    static int sessions;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var opened = new Opened();
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        var installation = opened.Add(await Installation.GenerateAsync(postgres, Billing + 1));
        var server = opened.Add(await ServingProcess.StartAsync(installation.Connection));
        await SlowestHundredthAsync(server, Task.Delay(TimeSpan.FromSeconds(10)));
        var rounds = effort.Of(quick: 2, full: Installation.Months);
        var (busy, quiet, runs) = (new TimeSpan[rounds], new TimeSpan[rounds], new TimeSpan[rounds]);
        for (var round = 0; round < rounds; round++)
        {
            // The mails of the month before are work as well.
            while (await installation.OpenEventsAsync() > 0)
                await Task.Delay(Look);
            await installation.CheckpointAsync();
            quiet[round] = await SlowestHundredthAsync(server, Task.Delay(TimeSpan.FromSeconds(10)));
            var start = Stopwatch.GetTimestamp();
            busy[round] = await SlowestHundredthAsync(server, BillAllAsync(server, installation, Installation.PeriodOf(round)));
            runs[round] = Stopwatch.GetElapsedTime(start);
            Console.Error.WriteLine(
                $"round {round + 1}/{rounds}: quiet {quiet[round].TotalMilliseconds:0.0} ms, busy {busy[round].TotalMilliseconds:0.0} ms");
        }
        var result = new Result(
            "neighbours", "ms, the 99th percentile of RADIUS answers", "the same while nobody bills", [busy[1..], quiet[1..], runs[1..]],
            time => time.TotalMilliseconds);
        yield return result.Within(3 * result.Baseline)
            .With("ms_in_the_first_month", Result.Rounded(busy[0].TotalMilliseconds))
            .With("billing", Billing).With("accounts_each", Installation.SubscribersPerTenant)
            .With("ms_until_all_are_billed", Result.Rounded(result.Other(2))).With("fsync", true);
    }

    static async Task BillAllAsync(ServingProcess server, Installation installation, string period)
    {
        var tenants = Enumerable.Range(0, Billing).Select(Installation.CodeOf).ToList();
        await Task.WhenAll(tenants.Select(
            tenant => server.Operator.PostAsync<JsonElement>("bill-runs", tenant, new { period }, CancellationToken.None)));
        // Not by asking the server for each: 60 who look four times a second are more work for it than what they wait for.
        while (await installation.OpenRunsAsync() > 0)
            await Task.Delay(Look);
        foreach (var tenant in tenants)
        {
            var run = await server.Operator.GetAsync<JsonElement>($"bill-runs/{period}", tenant, CancellationToken.None);
            if (run.GetProperty("accounts").GetProperty("done").GetInt32() != Installation.SubscribersPerTenant)
                throw new InvalidOperationException($"Not all were billed: {run.GetRawText()}");
        }
    }

    /// <summary>Plays sessions until the other work is done.</summary>
    static async Task<TimeSpan> SlowestHundredthAsync(ServingProcess server, Task meanwhile)
    {
        var times = new ConcurrentBag<TimeSpan>();
        await Task.WhenAll(Enumerable.Range(0, Lines).Select(async _ =>
        {
            using var authentication = Nas(server.RadiusAuth);
            using var accounting = Nas(server.RadiusAcct);
            while (!meanwhile.IsCompleted)
                await PlayAsync(authentication, accounting, times);
        }));
        await meanwhile;
        var sorted = times.Order().ToList();
        return sorted[sorted.Count * 99 / 100];
    }

    static async Task PlayAsync(RadiusExchange authentication, RadiusExchange accounting, ConcurrentBag<TimeSpan> times)
    {
        var number = Interlocked.Increment(ref sessions);
        var subscriber = (Billing * Installation.SubscribersPerTenant) + (number % Installation.SubscribersPerTenant);
        var login = RadiusRequest.Access(Installation.PasswordOf(subscriber)).Add(UserName, Installation.UserOf(subscriber));
        if (await SendAsync(authentication, login, times) != RadiusAnswer.Accept)
            throw new InvalidOperationException($"{Installation.UserOf(subscriber)} is not let in.");
        foreach (var status in (uint[])[1, 2])
        {
            var report = RadiusRequest.Accounting().Add(UserName, Installation.UserOf(subscriber)).Add(AcctStatusType, status)
                .Add(AcctSessionId, string.Create(CultureInfo.InvariantCulture, $"session-{number}"))
                .Add(EventTimestamp, (uint)SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds());
            await SendAsync(accounting, status == 1 ? report : report.Add(AcctSessionTime, 1), times);
        }
    }

    static async Task<byte> SendAsync(RadiusExchange nas, RadiusRequest request, ConcurrentBag<TimeSpan> times)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = await nas.SendAsync(request, again: null, CancellationToken.None)
            ?? throw new InvalidOperationException("A packet got no answer within five seconds.");
        times.Add(Stopwatch.GetElapsedTime(start));
        await Task.Delay(Pause);
        return answer.Code;
    }

    static RadiusExchange Nas(int port)
        => new(Installation.NasOf(Billing), new IPEndPoint(IPAddress.Loopback, port), Encoding.UTF8.GetBytes(Installation.Secret));
}
