namespace IspHost.PluginRuntime.Tests;

[Collection(typeof(Alone))]
public sealed class CollectionTests
{
    [Fact]
    public async Task Old_code_is_proven_gone_without_a_collection_that_stops_the_process()
    {
        await using var host = TestHost.Start();
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var before = GC.GetGCMemoryInfo(GCKind.FullBlocking).Index;

        Assert.True((await host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop)).Old.Unloaded);

        Assert.Equal(before, GC.GetGCMemoryInfo(GCKind.FullBlocking).Index);
    }
}

/// <summary>Tests that look at the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
