using System.Diagnostics;

namespace IspHost.Scripting.Tests;

/// <summary>Attacks on the compiler that are too large for a file.</summary>
public sealed class GeneratedAttackTests(Workers workers, RoomyWorkers roomy) : IClassFixture<RoomyWorkers>
{
    [Fact]
    public Task A_chain_of_30000_operators_is_refused()
        => RefusedForItsSizeAsync($"return {string.Join('+', Enumerable.Repeat('1', 30_000))};");

    [Fact]
    public Task A_chain_of_20000_member_calls_is_refused()
        => RefusedForItsSizeAsync($"return \"x\"{string.Concat(Enumerable.Repeat(".Trim()", 20_000))}.Length;");

    [Fact]
    public Task A_source_of_700_KB_is_refused()
        => RefusedForItsSizeAsync($"return 0m; // {new string('x', 700 << 10)}", workers.Scripts);

    [Theory]
    [InlineData("(", 4_000)]
    [InlineData("[", 4_000)]
    [InlineData("{", 4_000)]
    [InlineData("f(", 4_000)]
    [InlineData("$\"{", 400)]
    [InlineData("- ", 4_000)]
    [InlineData("not ", 4_000)]
    [InlineData("a?b:", 4_000)]
    public Task A_source_that_nests_without_end_is_refused(string part, int times)
        => RefusedForItsSizeAsync($"return 1m is {string.Concat(Enumerable.Repeat(part, times))}");

    /// <summary>The closing brackets stand in a text, so they close nothing.</summary>
    [Fact]
    public Task Brackets_in_texts_do_not_hide_the_nesting()
        => RefusedForItsSizeAsync(string.Concat(Enumerable.Repeat($"{new string('(', 40)}\"{new string(')', 40)}\"+", 100)));

    /// <summary>No bracket is nested, so only the tree shows the depth.</summary>
    [Fact]
    public async Task Statements_in_statements_without_braces_end_in_a_refusal()
    {
        var verdict = await roomy.Scripts.CompileAsync(
            Workers.Tenant, string.Concat(Enumerable.Repeat("if (true) ", 20_000)) + "return 1m;", Workers.Stop);

        Assert.Equal("SBX124", Assert.IsType<ScriptVerdict.Rejected>(verdict).Diagnostics[0].Code);
        Assert.IsType<ScriptVerdict.Accepted>(await roomy.Scripts.CompileAsync(Workers.Tenant, "return 1m;", Workers.Stop));
    }

    async Task RefusedForItsSizeAsync(string source, PriceScripts? scripts = null)
    {
        scripts ??= roomy.Scripts;
        await scripts.CompileAsync(Workers.Tenant, "return 1m;", Workers.Stop);
        var clock = Stopwatch.StartNew();

        var verdict = await scripts.CompileAsync(Workers.Tenant, source, Workers.Stop);

        Assert.Equal("SBX124", Assert.IsType<ScriptVerdict.Rejected>(verdict).Diagnostics[0].Code);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));
    }
}

/// <summary>Sources of any length reach the scan here.</summary>
public sealed class RoomyWorkers : IAsyncDisposable
{
    public PriceScripts Scripts { get; } = new(Workers.Options() with { Limits = new() { SourceBytes = 2 << 20 } });

    public ValueTask DisposeAsync() => Scripts.DisposeAsync();
}
