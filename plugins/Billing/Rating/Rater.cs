using System.Collections.Immutable;
using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace IspHost.Plugins.Billing;

/// <summary>Has usage priced by the rules that the contracts name, many items a call.</summary>
sealed class Rater(IExtensions extensions)
{
    const int BatchSize = 1_000;

    /// <summary>A line or a held line for each candidate that there is something to say about.</summary>
    public async Task<IReadOnlyList<PricedUsage>> RateAsync(
        TenantId tenant, IEnumerable<UsageCandidate> candidates, CancellationToken cancellationToken)
    {
        var priced = new List<PricedUsage>();
        foreach (var rule in candidates.GroupBy(candidate => (candidate.Rule, candidate.RuleHash)))
        {
            foreach (var batch in rule.Chunk(BatchSize))
            {
                var outcomes = await OutcomesAsync(tenant, rule.Key, batch, cancellationToken);
                priced.AddRange(batch.Zip(outcomes, (candidate, outcome) => new PricedUsage(candidate, outcome)));
            }
        }
        return priced;
    }

    async Task<IReadOnlyList<RatingOutcome>> OutcomesAsync(
        TenantId tenant, (string Name, string? Hash) rule, UsageCandidate[] batch, CancellationToken cancellationToken)
    {
        try
        {
            // Arrays cross the border to other plugins: a collection expression would make a list type of this one.
            var items = batch.Select(candidate => candidate.Item).ToArray();
            var request = new RatingBatch { Tenant = tenant, RuleHash = rule.Hash, Items = items };
            var outcomes = await extensions.Get<IRatingRule>(rule.Name).RateAsync(request, cancellationToken);
            return outcomes.Count == batch.Length
                ? outcomes
                : throw new InvalidOperationException($"The rule answered {outcomes.Count} outcomes for {batch.Length} items.");
        }
        // The contract of IRatingRule: whatever a rule throws, the batch is held, shown and tried again.
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            var failed = new RatingOutcome.Failed("batch_failed", failure.Message);
            return [.. batch.Select(_ => failed)];
        }
    }
}

/// <summary>Usage with what its rule said.</summary>
sealed record PricedUsage(UsageCandidate Candidate, RatingOutcome Outcome)
{
    const decimal LargestAmount = 1_000_000_000_000m;

    /// <summary>Decides between a line, a held line and nothing.</summary>
    public (DraftLine? Line, HeldLine? Held) Decide(Currency currency)
    {
        var due = Candidate.Due;
        switch (Outcome)
        {
            case RatingOutcome.Failed failed:
                return (null, new(due, HeldLine.RuleFailed, $"{failed.Code}: {failed.Reason}"));
            case RatingOutcome.Later later:
                return (null, new(due, HeldLine.RuleFailed, $"{later.Code}: {later.Reason}"));
            case RatingOutcome.Rated { Charge.Amount: < 0m or > LargestAmount } bad:
                return (null, new(due, HeldLine.RuleFailed,
                    string.Create(CultureInfo.InvariantCulture, $"invalid_charge: {bad.Charge.Amount} is out of bounds")));
            case RatingOutcome.Rated rated:
                var net = Rounding.ToLine(new(rated.Charge.Amount, currency));
                return Candidate.Earlier is { } earlier ? Correct(rated.Charge, net, earlier) : (Line(rated.Charge, net), null);
            default:
                throw new System.Diagnostics.UnreachableException($"A rule answered {Outcome}.");
        }
    }

    /// <summary>Late usage costs the price of everything there is now, less what has been charged.</summary>
    (DraftLine? Line, HeldLine? Held) Correct(Charge charge, Money net, EarlierUsage earlier)
    {
        var charged = Money.FromMinor(earlier.NetMinor, net.Currency);
        var more = net - charged;
        if (more.Amount < 0m || Candidate.Bytes < earlier.Bytes)
        {
            var reason = $"{charged} was charged, {net} is owed for all that is known now";
            return (null, new(Candidate.Due, HeldLine.NegativeCorrection, reason));
        }
        var late = Line(charge, more) with
        {
            Sequence = (short)(earlier.LastSequence + 1),
            Bytes = Candidate.Bytes - earlier.Bytes,
            Quantity = new DataVolume(Candidate.Bytes - earlier.Bytes).Gigabytes,
            Explanation = [.. Lines(charge), $"{net} for all usage of this time, less {charged} charged before"],
            Description = $"{Candidate.Due.Version.PlanName}: data reported late",
        };
        return (late, null);
    }

    DraftLine Line(Charge charge, Money net) => new()
    {
        Due = Candidate.Due,
        Sequence = 0,
        Description = $"{Candidate.Due.Version.PlanName}: data",
        Quantity = Candidate.Item.Quantity,
        Unit = "GB",
        UnitPrice = new(Candidate.Item.Rate, net.Currency),
        Part = Fraction.Whole,
        Net = net,
        Rule = Candidate.Rule,
        RuleHash = Candidate.RuleHash,
        InputsDigest = InputsDigest.Of(Candidate.Item),
        Explanation = Lines(charge),
        Bytes = Candidate.Bytes,
    };

    static ImmutableArray<string> Lines(Charge charge) => charge.Lines.IsDefault ? [] : charge.Lines;
}
