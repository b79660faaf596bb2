namespace IspHost.Benchmarks;

/// <summary>What a benchmark has opened: closed in the opposite order, also when the rest could not be opened.</summary>
sealed class Opened : IAsyncDisposable
{
    readonly Stack<IAsyncDisposable> all = new();

    public T Add<T>(T opened) where T : IAsyncDisposable
    {
        all.Push(opened);
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        while (all.TryPop(out var last))
            await last.DisposeAsync();
    }
}
