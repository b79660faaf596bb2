using System.Globalization;
using IspHost.Sdk.Rating;

namespace IspHost.Sdk.Testing;

/// <summary>What every <see cref="IRatingRule"/> must do.</summary>
public static class RatingRuleConformance
{
    /// <summary>The suite for one rule.</summary>
    /// <param name="create">Makes a fresh rule.</param>
    /// <param name="cases">Items that it can price; usual ones if null.</param>
    public static ConformanceSuite For(Func<IRatingRule> create, RatingCases? cases = null)
    {
        var checks = new RatingChecks(create, cases ?? new RatingCases());
        return new ConformanceSuite("rating",
            ("A batch has one outcome for each item.", checks.OneOutcomeForEach),
            ("Outcomes come in the order of their items.", checks.InOrder),
            ("The same item gives the same outcome, at any time and from any instance.", checks.SameItemSameOutcome),
            ("The culture of the thread changes nothing.", checks.CultureChangesNothing),
            ("Calls at the same time do not disturb each other.", checks.CallsAtOnce),
            ("A charge is not negative, at most 10^12, and has at most 12 decimals.", checks.ChargesAreInBounds),
            ("An explanation has at most 20 lines of at most 200 characters.", checks.ExplanationsAreInBounds),
            ("An item without usage has an outcome too.", checks.NoUsage),
            ("An item that cannot be priced fails alone, with a code and a reason.", checks.FailsAlone),
            ("A cancelled call ends as cancelled.", checks.Cancellation));
    }
}

sealed class RatingChecks(Func<IRatingRule> create, RatingCases cases)
{
    public async Task OneOutcomeForEach(CancellationToken stop)
    {
        foreach (var size in new[] { 1, 2, 1000 })
        {
            var outcomes = await RateAsync(Batch(size), stop);
            Expect.That(outcomes.Count == size, $"{outcomes.Count} outcomes for {size} items");
        }
    }

    public async Task InOrder(CancellationToken stop)
    {
        var outcomes = await RateAsync(Batch(1000), stop);
        for (var i = 0; i < outcomes.Count; i++)
        {
            var alone = await OnlyAsync(create(), cases.Items[i % cases.Items.Count], stop);
            Expect.That(Show(outcomes[i]) == alone, $"item {i} of a batch was {Show(outcomes[i])}, the same alone {alone}");
        }
    }

    public async Task SameItemSameOutcome(CancellationToken stop)
    {
        var rule = create();
        foreach (var item in cases.Items.Append(cases.Nothing))
        {
            var first = await OnlyAsync(rule, item, stop);
            for (var i = 0; i < 3; i++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), stop); // A rule that looks at the clock shall see another time.
                ExpectSame(first, await OnlyAsync(rule, item, stop), "again");
                ExpectSame(first, await OnlyAsync(create(), item, stop), "from another instance");
            }
        }
    }

    public async Task CultureChangesNothing(CancellationToken stop)
    {
        var first = await OnlyAsync(create(), cases.Items[0], stop);
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = WithCommas();
        try
        {
            ExpectSame(first, await OnlyAsync(create(), cases.Items[0], stop), "where decimals have a comma");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    public async Task CallsAtOnce(CancellationToken stop)
    {
        var rule = create();
        var alone = new List<string>();
        foreach (var item in cases.Items)
            alone.Add(await OnlyAsync(create(), item, stop));
        var together = await Expect.AtOnceAsync(64, i => OnlyAsync(rule, cases.Items[i % cases.Items.Count], stop));
        for (var i = 0; i < together.Length; i++)
            ExpectSame(alone[i % alone.Count], together[i], "beside other calls");
    }

    public Task ChargesAreInBounds(CancellationToken stop) => ForEachChargeAsync(charge =>
    {
        var decimals = (charge.Amount / 1.0000000000000000000000000000m).Scale;
        Expect.That(charge.Amount is >= 0m and <= 1_000_000_000_000m && decimals <= 12, $"a charge of {Invariant(charge.Amount)}");
    }, stop);

    public Task ExplanationsAreInBounds(CancellationToken stop) => ForEachChargeAsync(charge =>
    {
        Expect.That(!charge.Lines.IsDefault, "a charge whose explanation is not even empty: default(ImmutableArray)");
        var longest = charge.Lines.Select(line => line.Length).DefaultIfEmpty(0).Max();
        Expect.That(charge.Lines.Length <= 20 && longest <= 200, $"{charge.Lines.Length} lines, the longest of {longest} characters");
    }, stop);

    public async Task NoUsage(CancellationToken stop)
    {
        var outcomes = await RateAsync(cases.Batch(cases.Nothing), stop);
        Expect.That(outcomes.Count == 1, $"{outcomes.Count} outcomes for an item without usage");
    }

    public async Task FailsAlone(CancellationToken stop)
    {
        var outcomes = await RateAsync(cases.Batch(cases.Items[0], cases.TooLarge, cases.Items[1]), stop);
        Expect.That(outcomes.Count == 3, $"{outcomes.Count} outcomes for 3 items");
        if (outcomes[1] is RatingOutcome.Failed failed)
            Expect.That(failed.Code.Length is > 0 and <= 20 && failed.Reason.Length is > 0 and <= 500, $"{Show(failed)}");
        else
            Expect.That(((RatingOutcome.Rated)outcomes[1]).Charge.Amount <= 1_000_000_000_000m, $"{Show(outcomes[1])}");
        ExpectSame(await OnlyAsync(create(), cases.Items[0], stop), Show(outcomes[0]), "before an item that cannot be priced");
        ExpectSame(await OnlyAsync(create(), cases.Items[1], stop), Show(outcomes[2]), "after an item that cannot be priced");
    }

    public Task Cancellation(CancellationToken stop) => Expect.CancelsAsync(cancelled => RateAsync(Batch(2), cancelled));

    RatingBatch Batch(int size) => cases.Batch(Enumerable.Range(0, size).Select(i => cases.Items[i % cases.Items.Count]));

    async Task<IReadOnlyList<RatingOutcome>> RateAsync(RatingBatch batch, CancellationToken stop) => await create().RateAsync(batch, stop);

    async Task<string> OnlyAsync(IRatingRule rule, RatingItem item, CancellationToken stop)
    {
        var outcomes = await rule.RateAsync(cases.Batch(item), stop);
        Expect.That(outcomes.Count == 1, $"{outcomes.Count} outcomes for one item");
        return Show(outcomes[0]);
    }

    async Task ForEachChargeAsync(Action<Charge> check, CancellationToken stop)
    {
        foreach (var outcome in await RateAsync(cases.Batch(cases.Items.Append(cases.Nothing)), stop))
        {
            if (outcome is RatingOutcome.Rated rated)
                check(rated.Charge);
        }
    }

    static void ExpectSame(string expected, string seen, string when)
        => Expect.That(expected == seen, $"first {expected}, then, {when}, {seen}");

    static string Show(RatingOutcome outcome) => outcome switch
    {
        RatingOutcome.Rated { Charge: var charge }
            => $"{Invariant(charge.Amount)} [{string.Join(" / ", charge.Lines.IsDefault ? [] : charge.Lines)}]",
        RatingOutcome.Failed failed => $"{failed.Code}: {failed.Reason}",
        RatingOutcome.Later later => $"later, {later.Code}: {later.Reason}",
        _ => $"{outcome}",
    };

    static string Invariant(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);

    static CultureInfo WithCommas()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "−";
        culture.DateTimeFormat.ShortDatePattern = "dd.MM.yy";
        return culture;
    }
}
