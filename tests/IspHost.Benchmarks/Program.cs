using IspHost.Benchmarks;

if (args is [BareApi.Argument, var tenant])
{
    await BareApi.ServeAsync(tenant);
    return 0;
}

var benchmarks = new Dictionary<string, Func<Effort, IAsyncEnumerable<Result>>>(StringComparer.Ordinal)
{
    ["accounting"] = AccountingBenchmark.RunAsync,
    ["bill-run"] = BillRunBenchmark.RunAsync,
    ["script-batch"] = ScriptBatchBenchmark.RunAsync,
    ["proxy-call"] = ProxyCallBenchmark.RunAsync,
    ["upgrade-pause"] = UpgradePauseBenchmark.RunAsync,
    ["changes"] = ChangesBenchmark.RunAsync,
    ["addresses"] = AddressesBenchmark.RunAsync,
    ["idle"] = IdleBenchmark.RunAsync,
    ["neighbours"] = NeighboursBenchmark.RunAsync,
    ["api"] = ApiBenchmark.RunAsync,
    ["scale"] = ScaleBenchmark.RunAsync,
};

var effort = new Effort(IsQuick: args.Contains("--quick"));
var wanted = args.Where(arg => arg != "--quick").ToList();
if (wanted.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"'{unknown}' is none of: --quick {string.Join(' ', benchmarks.Keys)}");
    return 2;
}

foreach (var (name, run) in benchmarks.Where(benchmark => wanted.Count == 0 || wanted.Contains(benchmark.Key)))
{
    Console.Error.WriteLine($"== {name}");
    await foreach (var result in run(effort))
        Console.WriteLine(result.ToJson());
}
return 0;
