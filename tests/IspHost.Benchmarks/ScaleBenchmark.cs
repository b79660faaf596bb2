using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using IspHost.Core.Customers;
using IspHost.Server.Commands;
using IspHost.Simulator;
using IspHost.Testing;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>What grows with an installation: a server on 10,000 tenants and a million subscribers against one on a hundredth.</summary>
/// <remarks>Both have as many subscribers a tenant. Whatever a tenant does should cost the same in both.</remarks>
static class ScaleBenchmark
{
    const int Factor = 100;

    /// <summary>Whose customers are billed; the others log in, so that nothing is measured twice.</summary>
    const int Billed = 8;

    /// <summary>Who is locked out, the last ones.</summary>
    const int Locked = 30;

    const byte UserName = 1;

    static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var opened = new Opened();
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        var tenants = effort.Of(quick: 1_000, full: 10_000);
        Say($"generating {tenants / Factor} and {tenants} tenants");
        var small = opened.Add(await Installation.GenerateAsync(postgres, tenants / Factor));
        var large = opened.Add(await Installation.GenerateAsync(postgres, tenants));

        var few = await MeasureAsync(small);
        var many = await MeasureAsync(large);
        foreach (var (name, unit, times) in many.Times)
        {
            yield return new Result(
                $"scale/{name}", unit, "the same with a hundredth of tenants, subscribers and sessions",
                [times, few.Times.Single(other => other.Name == name).Times], time => time.TotalMilliseconds)
                .With("tenants", large.Tenants).With("subscribers", large.Subscribers).With("sessions", large.Sessions);
        }
        yield return new Result(
            "scale/idle", "ms of CPU a second", "the same with a hundredth", [[many.Idle], [few.Idle]],
            time => time.TotalMilliseconds / Idle.TotalSeconds).Within(30);
        yield return new Result(
            "scale/start", "s", "the same with a hundredth", [[many.Start], [few.Start]], time => time.TotalSeconds)
            .With("us_per_subscriber", Result.Rounded((many.Start - few.Start).TotalMicroseconds / (large.Subscribers - small.Subscribers)))
            .With("memory_mb", many.Memory / 1_000_000).With("memory_mb_of_the_small", few.Memory / 1_000_000)
            .With("bytes_per_subscriber", (many.Memory - few.Memory) / (large.Subscribers - small.Subscribers));
    }

    static async Task<Figures> MeasureAsync(Installation installation)
    {
        await using var server = await ServingProcess.StartAsync(installation.Connection);
        Say($"{installation.Subscribers} subscribers: serves after {server.Start.TotalSeconds:0.0} s");
        var random = new Random(5);
        // What the start has left to be done is not what idling costs.
        await Task.Delay(TimeSpan.FromMinutes(1));
        var (memory, cpu) = (server.Memory, server.Cpu);
        await Task.Delay(Idle);
        var idle = server.Cpu - cpu;
        Say($"{memory / 1_000_000} MB, idle {idle.TotalMilliseconds / Idle.TotalSeconds:0.0} ms of CPU a second");

        List<(string, string, TimeSpan[])> times =
        [
            ("login", "ms from request to answer", await ManyAsync(500, _ => LoginAsync(server, Someone()))),
            ("session", "ms for login, start and stop", await ManyAsync(300, i => SessionAsync(server, Someone(), i))),
            ("lock", "ms from the commit until a login is refused", await ManyAsync(Locked, i => LockAsync(server, installation, i))),
            ("new-customer", "ms a request", await ManyAsync(100, i => CustomerAsync(server, i))),
            ("bill-run", $"ms for {Installation.SubscribersPerTenant} accounts", await ManyAsync(Billed, i => BillAsync(server, i))),
        ];
        return new(server.Start, memory, idle, times);

        int Someone() => random.Next(Billed * Installation.SubscribersPerTenant, installation.Subscribers - Locked);
    }

    /// <summary>A tenth more come first and do not count.</summary>
    static async Task<TimeSpan[]> ManyAsync(int count, Func<int, Task<TimeSpan>> measureAsync)
    {
        var warmUps = count < 50 ? 1 : count / 10;
        var times = new List<TimeSpan>();
        for (var i = 0; i < count; i++)
        {
            var time = await measureAsync(i);
            if (i >= warmUps)
                times.Add(time);
        }
        return [.. times];
    }

    static async Task<TimeSpan> LoginAsync(ServingProcess server, int subscriber)
    {
        using var nas = Nas(subscriber, server.RadiusAuth);
        var start = Stopwatch.GetTimestamp();
        if (!await IsLetInAsync(nas, subscriber))
            throw new InvalidOperationException($"{Installation.UserOf(subscriber)} is not let in.");
        return Stopwatch.GetElapsedTime(start);
    }

    static async Task<TimeSpan> SessionAsync(ServingProcess server, int subscriber, int number)
    {
        using var nas = new SimulatedNas(
            Installation.NasOf(subscriber / Installation.SubscribersPerTenant), Installation.Secret, server.RadiusAuth, server.RadiusAcct);
        var session = new SimulatedSession(
            string.Create(CultureInfo.InvariantCulture, $"new-{number}"), Installation.UserOf(subscriber),
            Installation.PasswordOf(subscriber), Port: 1,
            SystemClock.Instance.GetCurrentInstant() - Duration.FromMinutes(10), Seconds: 600, Up: 1_000_000, Down: 9_000_000, Reports: 1);
        var start = Stopwatch.GetTimestamp();
        if (!await nas.PlayAsync(session, CancellationToken.None) || nas.Lost > 0)
            throw new InvalidOperationException($"{session} was not taken.");
        return Stopwatch.GetElapsedTime(start);
    }

    static async Task<TimeSpan> LockAsync(ServingProcess server, Installation installation, int number)
    {
        var subscriber = installation.Subscribers - 1 - number;
        using var nas = Nas(subscriber, server.RadiusAuth);
        await installation.LockAsync(subscriber / Installation.SubscribersPerTenant, subscriber);
        var start = Stopwatch.GetTimestamp();
        while (await IsLetInAsync(nas, subscriber))
            await Task.Delay(1);
        return Stopwatch.GetElapsedTime(start);
    }

    static async Task<TimeSpan> CustomerAsync(ServingProcess server, int number)
    {
        var customer = new CustomerDetails { Name = string.Create(CultureInfo.InvariantCulture, $"New customer {number}") };
        var start = Stopwatch.GetTimestamp();
        await server.Operator.PostAsync<JsonElement>("customers", Installation.CodeOf(number % Billed), customer, CancellationToken.None);
        return Stopwatch.GetElapsedTime(start);
    }

    static async Task<TimeSpan> BillAsync(ServingProcess server, int tenant)
    {
        var start = Stopwatch.GetTimestamp();
        var run = await BillingCommand.BillAsync(
            server.Operator, Installation.CodeOf(tenant), Installation.PeriodOf(0), CancellationToken.None);
        var done = run.GetProperty("accounts").GetProperty("done").GetInt32();
        if (done != Installation.SubscribersPerTenant)
            throw new InvalidOperationException($"{done} accounts were billed: {run.GetRawText()}");
        return Stopwatch.GetElapsedTime(start);
    }

    static async Task<bool> IsLetInAsync(RadiusExchange nas, int subscriber)
    {
        var request = RadiusRequest.Access(Installation.PasswordOf(subscriber)).Add(UserName, Installation.UserOf(subscriber));
        return await nas.SendAsync(request, again: null, CancellationToken.None) is { } answer
            ? answer.Code == RadiusAnswer.Accept
            : throw new InvalidOperationException("A login got no answer.");
    }

    static RadiusExchange Nas(int subscriber, int port)
        => new(
            Installation.NasOf(subscriber / Installation.SubscribersPerTenant), new IPEndPoint(IPAddress.Loopback, port),
            Encoding.UTF8.GetBytes(Installation.Secret));

    static void Say(string what) => Console.Error.WriteLine(what);

    sealed record Figures(TimeSpan Start, long Memory, TimeSpan Idle, List<(string Name, string Unit, TimeSpan[] Times)> Times);
}
