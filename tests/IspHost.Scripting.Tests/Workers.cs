using System.Collections.Concurrent;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

[assembly: AssemblyFixture(typeof(IspHost.Scripting.Tests.Workers))]

namespace IspHost.Scripting.Tests;

/// <summary>One pool for all tests that do not harm it on purpose.</summary>
public sealed class Workers : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, Task<ScriptVerdict>> verdicts = new(StringComparer.Ordinal);

    public PriceScripts Scripts { get; } = new(Options(2) with { Limits = new() { WaitingSources = 1_000 } });

    /// <summary>What the platform cannot have is not what these tests are about.</summary>
    public static ScriptOptions Options(int workers = 1) => new() { Workers = workers, Without = ScriptLayers.LackingHere };

    public static TenantId Tenant { get; } = new(new Guid("00000000-0000-0000-0000-000000000001"));

    public static TenantId Other { get; } = new(new Guid("00000000-0000-0000-0000-000000000002"));

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public Task<ScriptVerdict> CompileAsync(string source) => verdicts.GetOrAdd(source, s => Scripts.CompileAsync(Tenant, s, Stop));

    public async Task<ScriptImage> ImageAsync(string source)
    {
        var verdict = await CompileAsync(source);
        if (verdict is ScriptVerdict.Rejected rejected)
            Assert.Fail(string.Join('\n', rejected.Diagnostics));
        return Assert.IsType<ScriptVerdict.Accepted>(verdict).Image;
    }

    public async Task<RatingOutcome> PriceAsync(string source, RatingItem? item = null)
        => Assert.Single(await Scripts.RunAsync(Tenant, await ImageAsync(source), [item ?? Vector.Item], Stop));

    public async Task<ScriptDiagnostic> RefusalAsync(string source)
        => Assert.IsType<ScriptVerdict.Rejected>(await CompileAsync(source)).Diagnostics[0];

    public ValueTask DisposeAsync() => Scripts.DisposeAsync();
}
