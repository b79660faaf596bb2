namespace IspHost.PluginRuntime;

/// <summary>What one generation puts into one slot, with what protects the host, and tenants from each other.</summary>
/// <remarks>Breakers and bulkhead belong to the generation: what the old code did is not held against the new.</remarks>
sealed class Offer(Slot slot, object implementation, Breakers breakers, Bulkhead bulkhead)
{
    public Slot Slot { get; } = slot;

    public object Implementation { get; } = implementation;

    public Breakers Breakers { get; } = breakers;

    public Bulkhead Bulkhead { get; } = bulkhead;
}
