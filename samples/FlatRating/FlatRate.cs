using System.Globalization;
using IspHost.Sdk.Rating;

namespace FlatRating;

// begin rule
/// <summary>Each gigabyte costs the agreed rate; business customers pay nothing for the first ten.</summary>
public sealed class FlatRate : IRatingRule
{
    const decimal FreeForBusiness = 10m;
    const decimal MostExpensive = 1_000_000_000_000m;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<RatingOutcome>>([.. batch.Items.Select(Rate)]);
    }

    static RatingOutcome Rate(RatingItem item)
    {
        var free = item.Account.Segment == "business" ? Math.Min(FreeForBusiness, item.Quantity) : 0m;
        var billable = item.Quantity - free;

        // Asked before it is multiplied: an overflow would throw, and hold back the whole batch with this one item.
        if (item.Rate > 0m && billable > MostExpensive / item.Rate)
            return new RatingOutcome.Failed("TOO_LARGE", "The usage costs more than 10^12.");
        return new RatingOutcome.Rated(new Charge(decimal.Round(billable * item.Rate, 8, MidpointRounding.ToEven), [Explain(item, free)]));
    }

    static string Explain(RatingItem item, decimal free) => string.Create(CultureInfo.InvariantCulture,
        $"{item.Quantity - free} GB at {item.Rate} {item.Currency}{(free > 0m ? $", after {free} GB free" : "")}");
}
// end rule
