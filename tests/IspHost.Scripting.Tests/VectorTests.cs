using System.Diagnostics;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Tests;

public sealed class VectorTests(Workers workers)
{
    const long MemoryMargin = 50 << 20;

    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Scripts with more than one thing to refuse, where the first line names a later one.</summary>
    static readonly Dictionary<string, string> Also = new(StringComparer.Ordinal)
    {
        ["hostile/031-mutate-string-literal.csx"] = "SBX120", // ref comes before MemoryMarshal.
        ["hostile/094-endless-goto.csx"] = "SBX119", // The line allows the refusal of goto, without a code.
    };

    public static TheoryData<string> Good => Vector.Good;

    public static TheoryData<string> Hostile => Vector.Hostile;

    [Theory, MemberData(nameof(Good))]
    public async Task A_good_script_gives_its_exact_price(string name)
    {
        var vector = Vector.Read(name);

        var outcome = await workers.PriceAsync(vector.Source);

        Assert.Equal(vector.ExpectedPrice, Assert.IsType<RatingOutcome.Rated>(outcome).Charge.Amount);
    }

    [Theory, MemberData(nameof(Hostile))]
    public async Task A_hostile_script_ends_as_its_first_line_says(string name)
    {
        var vector = Vector.Read(name);
        await workers.ImageAsync("return 0m;");
        var (before, clock) = (Process.GetCurrentProcess().WorkingSet64, Stopwatch.StartNew());

        var (isRefused, code) = await EndAsync(vector.Source);

        Assert.True(clock.Elapsed < Longest, $"It took {clock.Elapsed}.");
        Assert.True(Process.GetCurrentProcess().WorkingSet64 < before + MemoryMargin, "The host's memory grew.");
        Assert.True(isRefused ? vector.IsRefused : vector.IsStopped, $"It ended in {code}.");
        Assert.Contains(code, Also.TryGetValue(name, out var other) ? [other] : vector.Codes);
    }

    async Task<(bool IsRefused, string Code)> EndAsync(string source)
    {
        if (await workers.CompileAsync(source) is ScriptVerdict.Rejected rejected)
            return (true, rejected.Diagnostics[0].Code);
        return (false, Assert.IsType<RatingOutcome.Failed>(await workers.PriceAsync(source)).Code);
    }
}
