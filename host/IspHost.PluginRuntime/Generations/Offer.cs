namespace IspHost.PluginRuntime;

/// <summary>What one generation puts into one slot, with what protects the host from it.</summary>
/// <remarks>Breaker and bulkhead belong to the generation: what the old code did is not held against the new.</remarks>
sealed class Offer(Slot slot, object implementation, Breaker breaker, int concurrentCalls)
{
    public Slot Slot { get; } = slot;

    public object Implementation { get; } = implementation;

    public Breaker Breaker { get; } = breaker;

    public SemaphoreSlim Bulkhead { get; } = new(concurrentCalls, concurrentCalls);
}
