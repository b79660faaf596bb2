using System.Diagnostics;
using System.Text;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Tests;

/// <summary>Workers come and go; outcomes do not change.</summary>
public sealed class PoolTests(Tests.Workers workers)
{
    /// <summary>About a millisecond an item.</summary>
    const string Slow = "var x = 0m; for (var i = 0; i < 50_000; i++) x += 0.01m; return x + Quantity;";

    /// <summary>A search that takes seconds inside the base library, where no step is counted. Only large limits let it through.</summary>
    const string Long =
        """
        if (Quantity != 7m) return Quantity;
        var others = (new string('\u1161', 30_000) + "b").ToCharArray();
        return new string('a', 3_000_000).IndexOfAny(others) + 1m;
        """;

    static readonly ScriptLimits LetsItThrough = new()
    {
        TextCharacters = 4_000_000,
        Bytes = 100 << 20,
        ItemTime = TimeSpan.FromMilliseconds(300),
        HangTime = TimeSpan.FromMilliseconds(800),
    };

    [Fact]
    public async Task A_batch_of_1000_keeps_its_order()
    {
        var image = await workers.ImageAsync("return Quantity * 2m;");

        var outcomes = await workers.Scripts.RunAsync(Tests.Workers.Tenant, image, Items(1000), Tests.Workers.Stop);

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => i * 2m), Amounts(outcomes));
    }

    [Fact]
    public async Task Many_batches_keep_their_order()
    {
        var image = await workers.ImageAsync("return Quantity * 2m;");

        var outcomes = await workers.Scripts.RunAsync(Tests.Workers.Tenant, image, Items(12_345), Tests.Workers.Stop);

        Assert.Equal(Enumerable.Range(0, 12_345).Select(i => i * 2m), Amounts(outcomes));
    }

    [Fact]
    public async Task One_bad_item_fails_alone()
    {
        var image = await workers.ImageAsync("return 10m / (Quantity - 1m) + 100m;");

        var outcomes = await workers.Scripts.RunAsync(Tests.Workers.Tenant, image, Items(3), Tests.Workers.Stop);

        var failure = new RatingOutcome.Failed("SBX205", "DivideByZeroException: Attempted to divide by zero.");
        Assert.Equal([new RatingOutcome.Rated(90m), failure, new RatingOutcome.Rated(110m)], outcomes, Same);
    }

    [Fact]
    public async Task No_items_have_no_outcomes()
        => Assert.Empty(
            await workers.Scripts.RunAsync(Tests.Workers.Tenant, await workers.ImageAsync("return 1m;"), [], Tests.Workers.Stop));

    [Fact]
    public async Task The_same_source_gives_the_same_image()
    {
        const string source = "var t = Usage.Where(u => u.Kind == \"data\").Sum(u => u.Gigabytes); return new { t }.t;";
        await using var others = new PriceScripts(Tests.Workers.Options());

        var (one, two) = (await workers.ImageAsync(source), await AcceptedAsync(others, source));

        Assert.Equal(one.Hash, two.Hash);
        Assert.Equal(one.Bytes, two.Bytes);
    }

    [Fact]
    public async Task The_hash_is_that_of_the_source()
        => Assert.Equal("46e54ddd15b78b4dc1bcdb38fdd698b98ac15bdecb32d53d18893a5edd918125", (await workers.ImageAsync("return 1m;")).Hash);

    [Fact]
    public async Task A_worker_killed_in_mid_batch_costs_nothing()
    {
        await using var scripts = new PriceScripts(Tests.Workers.Options());
        var ids = Ids(scripts);
        var image = await workers.ImageAsync(Slow);
        var running = scripts.RunAsync(Tests.Workers.Tenant, image, Items(1000), Tests.Workers.Stop);
        using var worker = await BusyAsync(ids);

        worker.Kill();

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 500m + i), Amounts(await running));
        Assert.Equal(2, ids.Count);
    }

    [Fact]
    public async Task A_worker_that_hangs_is_replaced_and_only_the_culprit_fails()
    {
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = LetsItThrough });
        var hanging = scripts.RunAsync(Tests.Workers.Tenant, await workers.ImageAsync(Long), Items(20), Tests.Workers.Stop);
        var innocent = scripts.RunAsync(Tests.Workers.Tenant, await workers.ImageAsync("return 5m;"), Items(20), Tests.Workers.Stop);

        var outcomes = await hanging;

        Assert.Equal("SBX203", Assert.IsType<RatingOutcome.Failed>(outcomes[7]).Code);
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i != 7).Select(i => (decimal)i), Amounts(outcomes.Where((_, i) => i != 7)));
        Assert.All(Amounts(await innocent), amount => Assert.Equal(5m, amount));
    }

    [Fact]
    public async Task A_caller_that_gives_up_frees_its_worker()
    {
        var patient = LetsItThrough with { HangTime = TimeSpan.FromMinutes(5) };
        await using var scripts = new PriceScripts(Tests.Workers.Options() with { Limits = patient });
        var ids = Ids(scripts);
        var image = await workers.ImageAsync(Long);
        using var patience = new CancellationTokenSource();
        var hanging = scripts.RunAsync(Tests.Workers.Tenant, image, Items(20), patience.Token);
        using var worker = await BusyAsync(ids);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        var quick = await workers.ImageAsync("return 5m;");
        var others = await scripts.RunAsync(Tests.Workers.Tenant, quick, Items(20), Tests.Workers.Stop);
        Assert.All(Amounts(others), amount => Assert.Equal(5m, amount));
        Assert.True(worker.HasExited);
    }

    [Fact]
    public async Task A_worker_inherits_no_environment()
    {
        Environment.SetEnvironmentVariable("ISPHOST_TEST_SECRET", "hunter2");
        await using var scripts = new PriceScripts(Tests.Workers.Options());
        var ids = Ids(scripts);
        await scripts.RunAsync(Tests.Workers.Tenant, await AcceptedAsync(scripts, "return 1m;"), Items(1), Tests.Workers.Stop);

        var names = ids
            .Select(id => Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{id}/environ")))
            .SelectMany(lines => lines.Split('\0', StringSplitOptions.RemoveEmptyEntries))
            .Select(line => line.Split('=')[0]);

        Assert.All(names, name => Assert.StartsWith("DOTNET_", name, StringComparison.Ordinal));
    }

    /// <summary>What the worker says is one thing, what the kernel says another.</summary>
    [Fact]
    public async Task The_kernel_holds_every_worker_to_its_limits()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have other layers.");
        await using var scripts = new PriceScripts(Tests.Workers.Options());
        var ids = Ids(scripts);
        await scripts.RunAsync(Tests.Workers.Tenant, await AcceptedAsync(scripts, "return 1m;"), Items(1), Tests.Workers.Stop);

        Assert.Equal(2, ids.Count);
        Assert.All(ids, id =>
        {
            var status = File.ReadAllLines($"/proc/{id}/status");
            Assert.Contains("NoNewPrivs:\t1", status);
            Assert.Contains("Seccomp:\t2", status);
        });
    }

    [Fact]
    public async Task An_image_of_other_rules_is_not_run()
    {
        var image = await workers.ImageAsync("return 1m;") with { Rules = "0" };

        await Assert.ThrowsAsync<InvalidDataException>(
            () => workers.Scripts.RunAsync(Tests.Workers.Tenant, image, Items(1), Tests.Workers.Stop));
    }

    [Fact]
    public async Task A_missing_worker_is_told_at_once()
        => await Assert.ThrowsAsync<FileNotFoundException>(async () =>
        {
            await using var scripts = new PriceScripts(new ScriptOptions { WorkerPath = "/nowhere/worker" });
        });

    static List<int> Ids(PriceScripts scripts)
    {
        var ids = new List<int>();
        scripts.WorkerStarted += ids.Add;
        return ids;
    }

    /// <summary>The first worker, once it has computed for longer than starting and loading take.</summary>
    static async Task<Process> BusyAsync(List<int> ids)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Tests.Workers.Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (ids.Count == 0)
            await Task.Delay(5, patience.Token);
        var worker = Process.GetProcessById(ids[0]);
        var started = worker.TotalProcessorTime;
        while (worker.TotalProcessorTime - started < TimeSpan.FromMilliseconds(200))
        {
            await Task.Delay(5, patience.Token);
            worker.Refresh();
        }

        return worker;
    }

    static async Task<ScriptImage> AcceptedAsync(PriceScripts scripts, string source)
        => Assert.IsType<ScriptVerdict.Accepted>(await scripts.CompileAsync(Tests.Workers.Tenant, source, Tests.Workers.Stop)).Image;

    static RatingItem[] Items(int count) => [.. Enumerable.Range(0, count).Select(i => Vector.Item with { Quantity = i })];

    static IEnumerable<decimal> Amounts(IEnumerable<RatingOutcome> outcomes)
        => outcomes.Select(outcome => Assert.IsType<RatingOutcome.Rated>(outcome).Charge.Amount);

    static bool Same(RatingOutcome one, RatingOutcome two) => one is RatingOutcome.Rated a && two is RatingOutcome.Rated b
        ? a.Charge.Amount == b.Charge.Amount
        : one == two;
}
