namespace IspHost.Sdk.Testing;

/// <summary>How a check says what it saw.</summary>
static class Expect
{
    public static void That(bool holds, string seen)
    {
        if (!holds)
            throw new UnmetException(seen);
    }

    /// <summary>The call must end with an <see cref="OperationCanceledException"/> when its token was cancelled before it began.</summary>
    public static async Task CancelsAsync(Func<CancellationToken, Task> call)
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        try
        {
            await call(cancelled.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        throw new UnmetException("the call returned as if nothing had been cancelled");
    }

    /// <summary>The calls, all at the same time.</summary>
    public static Task<TResult[]> AtOnceAsync<TResult>(int calls, Func<int, Task<TResult>> call)
        => Task.WhenAll(Enumerable.Range(0, calls).Select(number => Task.Run(() => call(number))));
}

sealed class UnmetException(string seen) : Exception(seen);
