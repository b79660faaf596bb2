using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Tests;

/// <summary>One tenant's slow scripts and floods are that tenant's alone, and a slow machine is nobody's fault.</summary>
public sealed class ShareTests(Tests.Workers workers)
{
    /// <summary>Some milliseconds an item: nearly all the steps that it may take.</summary>
    const string Slow = "var x = 0m; for (var i = 0; i < 400_000; i++) x += 0.01m; return x + Quantity;";

    static readonly TenantId Tenant = Tests.Workers.Tenant, Other = Tests.Workers.Other;

    /// <summary>Turns of one item: the machine's speed does not matter then.</summary>
    static readonly ScriptLimits OneItem = new() { Turn = TimeSpan.Zero };

    [Theory]
    [InlineData(1, 80)]
    [InlineData(80, 1)]
    public async Task Eighty_slow_items_of_one_tenant_hold_anothers_for_a_turn_or_two(int calls, int items)
    {
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = OneItem });
        var (answers, first) = Answers(scripts);
        var (slow, quick) = (await workers.ImageAsync(Slow), await workers.ImageAsync("return 5m;"));
        var running = Enumerable.Range(0, calls).Select(_ => scripts.RunAsync(Tenant, slow, Items(items), Tests.Workers.Stop)).ToList();
        await first;
        int before;
        Task<IReadOnlyList<RatingOutcome>> others;
        // Nothing is answered while the lock is held: what is counted begins where the other tenant's call is made.
        lock (answers)
            (before, others) = (answers.Count, scripts.RunAsync(Other, quick, Items(3), Tests.Workers.Stop));

        Assert.All(Amounts(await others), amount => Assert.Equal(5m, amount));
        lock (answers)
            Assert.InRange(answers.IndexOf(Other) - before, 0, 3);
        foreach (var call in running)
            Assert.Equal(Enumerable.Range(0, items).Select(i => 4000m + i), Amounts(await call));
    }

    [Fact]
    public async Task A_call_that_uses_up_its_time_says_so_for_what_is_left()
    {
        var limits = OneItem with { CallTime = TimeSpan.FromMilliseconds(1) };
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = limits });

        var outcomes = await scripts.RunAsync(Tenant, await workers.ImageAsync(Slow), Items(5), Tests.Workers.Stop);

        Assert.IsType<RatingOutcome.Rated>(outcomes[0]);
        var failure = Assert.IsType<RatingOutcome.Later>(outcomes[4]);
        Assert.Equal("SBX206", failure.Code);
        Assert.StartsWith("The script took 0.001 seconds of processor time for other items", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batches_beyond_what_a_tenant_may_have_waiting_fail_alone()
    {
        var limits = OneItem with { WaitingBatches = 2 };
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = limits });
        var image = await workers.ImageAsync(Slow);
        var flood = Enumerable.Range(0, 10).Select(_ => scripts.RunAsync(Tenant, image, Items(1), Tests.Workers.Stop)).ToList();

        var others = await scripts.RunAsync(Other, image, Items(1), Tests.Workers.Stop);

        Assert.IsType<RatingOutcome.Rated>(others[0]);
        var refused = (await Task.WhenAll(flood)).Select(outcomes => outcomes[0]).OfType<RatingOutcome.Later>().ToList();
        Assert.InRange(refused.Count, 1, 8);
        Assert.All(refused, failure => Assert.Equal("SBX206", failure.Code));
    }

    [Fact]
    public async Task What_waits_and_runs_is_counted_and_no_tenant_is_named()
    {
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = OneItem, Workers = 1 });
        var image = await workers.ImageAsync("return 5m;");
        using var goOn = new ManualResetEventSlim();
        // Nothing more is sent to a worker while this waits.
        scripts.Answered += (_, _) => goOn.Wait(Tests.Workers.Stop);
        var held = scripts.RunAsync(Tenant, image, Items(1), Tests.Workers.Stop);
        while (Collected(scripts, "run") is { } before && before["scripts.waiting"] + before["scripts.running"] > 0)
            await Task.Delay(5, Tests.Workers.Stop);
        Task[] calls =
        [
            held, .. Enumerable.Range(0, 6).Select(_ => scripts.RunAsync(Tenant, image, Items(1), Tests.Workers.Stop)),
            scripts.RunAsync(Other, image, Items(1), Tests.Workers.Stop),
        ];

        var counted = Collected(scripts, "run");
        goOn.Set();
        await Task.WhenAll(calls);

        Assert.Equal((7, 2, 6), (counted["scripts.waiting"], counted["scripts.waiting.tenants"], counted["scripts.waiting.most"]));
        Assert.All(Collected(scripts, "run").Values, nothing => Assert.Equal(0, nothing));
    }

    [Fact]
    public async Task A_flood_of_sources_is_refused_and_anothers_source_is_not()
    {
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = new() { WaitingSources = 2 } });
        var flood = Enumerable.Range(0, 10).Select(i => scripts.CompileAsync(Tenant, $"return {i}m;", Tests.Workers.Stop)).ToList();

        var other = await scripts.CompileAsync(Other, "return 1m;", Tests.Workers.Stop);

        Assert.IsType<ScriptVerdict.Accepted>(other);
        var verdicts = await Task.WhenAll(flood);
        Assert.InRange(verdicts.Count(verdict => verdict is ScriptVerdict.OverShare { RetryAfter.TotalSeconds: > 0 }), 7, 8);
        Assert.InRange(verdicts.Count(verdict => verdict is ScriptVerdict.Accepted), 2, 3);
    }

    [Fact]
    public async Task Bill_runs_do_not_wait_for_checks()
    {
        await using var scripts = new PriceScripts(Tests.Workers.Options());
        var ids = Ids(scripts);
        await AcceptedAsync(scripts, "return 1m;");
        await StopAsync(ids[0]);
        var check = scripts.CompileAsync(Tenant, "return 2m;", Tests.Workers.Stop);

        var again = await scripts.CompileAgainAsync(Tenant, "return 3m;", Tests.Workers.Stop);

        Assert.IsType<ScriptVerdict.Accepted>(again);
        Assert.False(check.IsCompleted);
        Signal(ids[0], "CONT");
        Assert.IsType<ScriptVerdict.Accepted>(await check);
    }

    [Fact]
    public async Task A_script_is_not_blamed_for_a_compiler_that_had_to_wait()
    {
        var limit = TimeSpan.FromMilliseconds(400);
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = new() { CompileTime = limit } });
        var ids = Ids(scripts);
        await AcceptedAsync(scripts, "return 1m;");
        await StopAsync(ids[0]);
        var compiling = scripts.CompileAsync(Tenant, "return 2m;", Tests.Workers.Stop);

        await Assert.ThrowsAsync<TimeoutException>(() => compiling.WaitAsync(limit * 3, Tests.Workers.Stop));
        Signal(ids[0], "CONT");

        Assert.IsType<ScriptVerdict.Accepted>(await compiling);
    }

    [Fact]
    public async Task A_compiler_that_gets_no_time_at_all_asks_to_try_again()
    {
        var limits = new ScriptLimits { CompileTime = TimeSpan.FromMilliseconds(200) };
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = limits });
        var ids = Ids(scripts);
        await AcceptedAsync(scripts, "return 1m;");
        await StopAsync(ids[0]);

        var verdict = await scripts.CompileAsync(Tenant, "return 2m;", Tests.Workers.Stop);

        Assert.Equal(new ScriptVerdict.Later("The machine was too busy to compile the script: try again."), verdict);
    }

    [Fact]
    public async Task A_script_is_not_blamed_for_a_worker_that_had_to_wait()
    {
        var limits = new ScriptLimits { HangTime = TimeSpan.FromMilliseconds(400), ItemTime = TimeSpan.FromMilliseconds(200) };
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = limits });
        var image = await workers.ImageAsync("return 5m;");
        var ids = Ids(scripts);
        await scripts.RunAsync(Tenant, image, Items(1), Tests.Workers.Stop);
        await StopAsync(ids[0]);
        var running = scripts.RunAsync(Tenant, image, Items(1), Tests.Workers.Stop);

        await Assert.ThrowsAsync<TimeoutException>(() => running.WaitAsync(limits.HangTime * 3, Tests.Workers.Stop));
        Signal(ids[0], "CONT");

        Assert.Equal([5m], Amounts(await running));
        Assert.Single(ids);
    }

    [Fact]
    public async Task Every_thread_of_a_worker_runs_at_low_priority()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Priorities are looked up where Linux shows them.");
        await using var scripts = new PriceScripts(Tests.Workers.Options());
        var ids = Ids(scripts);
        await scripts.RunAsync(Tenant, await AcceptedAsync(scripts, "return 1m;"), Items(1), Tests.Workers.Stop);

        var own = Niceness("/proc/self/stat");
        Assert.Equal(2, ids.Count);
        Assert.All(ids.SelectMany(id => Directory.GetDirectories($"/proc/{id}/task")), thread
            => Assert.Equal(Math.Max(own, 10), Niceness($"{thread}/stat")));
    }

    /// <summary>The name in parentheses may hold spaces; the priority is the 17th field behind it.</summary>
    static int Niceness(string stat) => int.Parse(Fields(stat)[16], CultureInfo.InvariantCulture);

    static string[] Fields(string stat) => File.ReadAllText(stat).Split(") ")[^1].Split(' ');

    static (List<TenantId> Answers, Task First) Answers(PriceScripts scripts)
    {
        var answers = new List<TenantId>();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scripts.Answered += (tenant, _) =>
        {
            lock (answers)
                answers.Add(tenant);
            first.TrySetResult();
        };
        return (answers, first.Task);
    }

    static Dictionary<string, int> Collected(PriceScripts scripts, string lane)
    {
        var counted = new Dictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == scripts.Meter)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            Assert.Equal(1, tags.Length);
            if (Equals(tags[0].Value, lane))
                counted.Add(instrument.Name, value);
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return counted;
    }

    static List<int> Ids(PriceScripts scripts)
    {
        var ids = new List<int>();
        scripts.WorkerStarted += ids.Add;
        return ids;
    }

    static void Signal(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>One thread takes the signal, and stops the others once it has a processor: on a busy machine they go on.</summary>
    static async Task StopAsync(int process)
    {
        Signal(process, "STOP");
        while (OperatingSystem.IsLinux()
            && Directory.GetDirectories($"/proc/{process}/task").Any(thread => Fields($"{thread}/stat")[0] != "T"))
            await Task.Delay(1, Tests.Workers.Stop);
    }

    static async Task<ScriptImage> AcceptedAsync(PriceScripts scripts, string source)
        => Assert.IsType<ScriptVerdict.Accepted>(await scripts.CompileAsync(Tenant, source, Tests.Workers.Stop)).Image;

    static RatingItem[] Items(int count) => [.. Enumerable.Range(0, count).Select(i => Vector.Item with { Quantity = i })];

    static IEnumerable<decimal> Amounts(IEnumerable<RatingOutcome> outcomes)
        => outcomes.Select(outcome => Assert.IsType<RatingOutcome.Rated>(outcome).Charge.Amount);
}
