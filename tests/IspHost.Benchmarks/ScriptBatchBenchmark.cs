using System.Runtime.CompilerServices;
using IspHost.Scripting;
using IspHost.ScriptWorker.Metering;
using IspHost.ScriptWorker.Run;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace IspHost.Benchmarks;

/// <summary>The sample price scripts in batches of 1,000, against the same rules as plain C#.</summary>
/// <remarks>
/// Once in this process, by the code that the worker runs for each item: what metering costs. Once through the worker process, as
/// a bill run does it: what the way there and back costs as well.
/// </remarks>
static class ScriptBatchBenchmark
{
    const int BatchItems = 1000;

    static readonly TenantId Tenant = TenantId.New();

    /// <summary>So many that the just-in-time compiler has done its best with both.</summary>
    const int WarmUps = 8;

    /// <summary>By the design: within twice the plain rule, and 250 ns an item for the way.</summary>
    const double MostRatio = 2, WayNanoseconds = 250;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var scripts = new PriceScripts(new ScriptOptions { Workers = 1, Without = ScriptLayers.LackingHere });
        foreach (var (name, rule) in PlainRules.All)
        {
            var image = await CompileAsync(scripts, name);
            await CheckAsync(scripts, image, rule);
            yield return await InsideAsync(effort, name, image, rule);
            yield return await ThroughWorkerAsync(effort, name, scripts, image, rule);
        }
    }

    static async Task<ScriptImage> CompileAsync(PriceScripts scripts, string name)
    {
        var source = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "scripts", $"{name}.csx"));
        return await scripts.CompileAsync(Tenant, source, CancellationToken.None) is ScriptVerdict.Accepted accepted
            ? accepted.Image
            : throw new InvalidOperationException($"The sample {name} is refused.");
    }

    /// <summary>A comparison of rules that say different things would compare nothing.</summary>
    static async Task CheckAsync(PriceScripts scripts, ScriptImage image, Func<RatingItem, Charge> rule)
    {
        var outcomes = await scripts.RunAsync(Tenant, image, Items.All, CancellationToken.None);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var plain = rule(Items.All[i]);
            if (outcomes[i] is not RatingOutcome.Rated { Charge: var charge }
                || charge.Amount != plain.Amount || !charge.Lines.SequenceEqual(plain.Lines))
                throw new InvalidOperationException($"Item {i} costs {plain.Amount} by the plain rule, and the script says {outcomes[i]}.");
        }
    }

    static async Task<Result> InsideAsync(Effort effort, string name, ScriptImage image, Func<RatingItem, Charge> rule)
    {
        using var script = new LoadedScript(image.Bytes.AsSpan());
        var limits = new ScriptLimits();
        var bounds = new RunBounds(
            limits.Fuel, limits.Bytes, limits.TextCharacters, (int)limits.ItemTime.TotalMilliseconds, (int)limits.Turn.TotalMilliseconds);
        var batches = effort.Of(150, 400);
        var charges = new Charge[BatchItems];
        var times = await Measurement.InTurnAsync(WarmUps, effort.Runs,
            new("metered", () => Task.FromResult(Measurement.Time(() => Metered(script.Price, bounds, charges, batches)))),
            Plain(rule, charges, batches));
        var result = NewResult($"script-batch/{name}/inside", times, batches);
        return result.Within(MostRatio * result.Baseline);
    }

    static async Task<Result> ThroughWorkerAsync(
        Effort effort, string name, PriceScripts scripts, ScriptImage image, Func<RatingItem, Charge> rule)
    {
        var batches = effort.Of(150, 400);
        var charges = new Charge[BatchItems];
        var times = await Measurement.InTurnAsync(WarmUps, effort.Runs,
            new("worker", () => Measurement.TimeAsync(() => CallAsync(scripts, image, batches))),
            Plain(rule, charges, batches),
            new("worker, two calls at once", () => Measurement.TimeAsync(
                () => Task.WhenAll(CallAsync(scripts, image, batches / 2), CallAsync(scripts, image, batches / 2)))));
        var result = NewResult($"script-batch/{name}/end-to-end", times, batches);
        return result.Within(MostRatio * result.Baseline + WayNanoseconds)
            .With("two_calls_at_once", Result.Rounded(result.Other(2)));
    }

    static Result NewResult(string name, TimeSpan[][] times, int batches)
        => new Result(name, "ns/item", "the same rule as plain C#", times, time => time.TotalNanoseconds / batches / BatchItems)
            .With("batch", BatchItems);

    static async Task CallAsync(PriceScripts scripts, ScriptImage image, int times)
    {
        for (var i = 0; i < times; i++)
            await scripts.RunAsync(Tenant, image, Items.All, CancellationToken.None);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Metered(Func<RatingItem, Charge> price, RunBounds bounds, Charge[] charges, int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            for (var i = 0; i < BatchItems; i++)
            {
                Meter.Arm(bounds);
                charges[i] = price(Items.All[i]);
            }
        }
    }

    static Way Plain(Func<RatingItem, Charge> rule, Charge[] charges, int batches)
        => new("plain", () => Task.FromResult(Measurement.Time(() =>
        {
            for (var batch = 0; batch < batches; batch++)
            {
                for (var i = 0; i < BatchItems; i++)
                    charges[i] = rule(Items.All[i]);
            }
        })));

    /// <summary>A batch of subscribers with a month of usage in six entries each; the same on every machine.</summary>
    static class Items
    {
        public static RatingItem[] All { get; } = [.. Enumerable.Range(0, BatchItems).Select(Item)];

        static RatingItem Item(int i)
        {
            var usage = Enumerable.Range(0, 6).Select(n => Entry(i, n)).ToArray();
            return new()
            {
                Quantity = usage.Sum(entry => entry.Gigabytes),
                Rate = 0.10m,
                Currency = "EUR",
                Account = new()
                {
                    Id = $"BENCH-{i:D7}-3",
                    Segment = "residential",
                    ActiveSince = new(2019, 2, 28),
                    Lines = 1 + i % 6,
                    Products = i % 2 == 0 ? ["fiber-300", "tv-start", "voice-basic"] : ["dsl-50", "voice-basic"],
                    Tags = ["family"],
                },
                Period = new(new(2026, 10, 1), new(2026, 11, 1)),
                Plan = "fiber-300",
                Usage = [.. usage],
            };
        }

        static UsageEntry Entry(int i, int n)
            => new(new(2026, 10, 1 + n * 5, (i * 7 + n * 5) % 24, 0, 0, TimeSpan.FromHours(3)), "data", "", 0, i * 13 % 1000 / 8m + n);
    }
}
