using FlatRating;
using IspHost.Sdk.Rating;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>A rule for each requirement that it does not meet.</summary>
static class WrongRatingRules
{
    public static IEnumerable<(string Requirement, Func<IRatingRule> Create)> All =>
    [
        ("A batch has one outcome for each item.", () => new Spoiling(outcomes => [.. outcomes.Take(999)])),
        ("Outcomes come in the order of their items.", () => new Spoiling(outcomes => [.. outcomes.Reverse()])),
        ("The same item gives the same outcome, at any time and from any instance.", () => new Counting()),
        ("The same item gives the same outcome, at any time and from any instance.",
            () => EachItem(_ => new Charge(TimeProvider.System.GetTimestamp() % 1_000_000, []))),
        ("The culture of the thread changes nothing.",
            () => EachItem(item => new Charge(1m, [string.Format(null, "{0:0.00} GB", item.Quantity)]))),
        ("Calls at the same time do not disturb each other.", () => new Shared()),
        ("A charge is not negative, at most 10^12, and has at most 12 decimals.", () => EachItem(_ => -0.01m)),
        ("A charge is not negative, at most 10^12, and has at most 12 decimals.", () => EachItem(_ => 1_000_000_000_000.01m)),
        ("A charge is not negative, at most 10^12, and has at most 12 decimals.", () => EachItem(_ => 0.0000000000001m)),
        ("An explanation has at most 20 lines of at most 200 characters.",
            () => EachItem(_ => new Charge(1m, [.. Enumerable.Repeat("x", 21)]))),
        ("An explanation has at most 20 lines of at most 200 characters.", () => EachItem(_ => new Charge(1m, [new string('x', 201)]))),
        ("An explanation has at most 20 lines of at most 200 characters.", () => EachItem(_ => new Charge(1m, default))),
        ("An item without usage has an outcome too.", () => EachItem(item => decimal.Round(item.Rate / item.Quantity, 2))),
        ("An item that cannot be priced fails alone, with a code and a reason.", () => EachItem(item => item.Quantity * item.Rate)),
        ("An item that cannot be priced fails alone, with a code and a reason.", () => new Spoiling(outcomes =>
            [.. outcomes.Select(outcome => outcome is RatingOutcome.Failed ? new RatingOutcome.Failed("", "") : outcome)])),
        ("A cancelled call ends as cancelled.", () => new Spoiling(outcomes => outcomes)),
    ];

    static Pricing EachItem(Func<RatingItem, Charge> price) => new(price);

    sealed class Pricing(Func<RatingItem, Charge> price) : IRatingRule
    {
        public ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
            => ValueTask.FromResult<IReadOnlyList<RatingOutcome>>([.. batch.Items.Select(item => new RatingOutcome.Rated(price(item)))]);
    }

    sealed class Spoiling(Func<IReadOnlyList<RatingOutcome>, IReadOnlyList<RatingOutcome>> spoil) : IRatingRule
    {
        public async ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
            => spoil(await new FlatRate().RateAsync(batch, CancellationToken.None));
    }

    sealed class Counting : IRatingRule
    {
        int calls;

        public ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
            => EachItem(item => item.Quantity + calls++).RateAsync(batch, cancellationToken);
    }

    sealed class Shared : IRatingRule
    {
        RatingBatch? current;

        public async ValueTask<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken cancellationToken)
        {
            current = batch;
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            return await new FlatRate().RateAsync(current, cancellationToken);
        }
    }
}
