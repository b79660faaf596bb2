using IspHost.Sdk.Rating;

namespace IspHost.PluginRuntime;

sealed class RatingRuleProxy(Slot<IRatingRule> slot) : IRatingRule
{
    /// <remarks>The outcomes are copied: a list may be of a type that the compiler made for the plugin.</remarks>
    public async ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
        => await slot.CallAsync(batch.Tenant, Rate, batch, cancellationToken);

    static async ValueTask<RatingOutcome[]> Rate(IRatingRule rule, RatingBatch batch, CancellationToken stop)
    {
        RatingOutcome[] outcomes = [.. await rule.RateAsync(batch, stop)];
        return outcomes.Length == batch.Items.Count && !outcomes.Contains(null)
            ? outcomes
            : throw new InvalidDataException($"The rule gave {outcomes.Length} outcomes for {batch.Items.Count} items.");
    }
}
