using IspHost.Sdk.Flags;

namespace IspHost.Sdk.Testing;

/// <summary>Questions that a flag filter can answer, for its conformance suite.</summary>
public sealed record FlagFilterCases
{
    /// <summary>A question whose condition is met.</summary>
    public required FlagFilterRequest Met { get; init; }

    /// <summary>One whose condition is not.</summary>
    public required FlagFilterRequest Unmet { get; init; }

    /// <summary>An argument that the filter cannot read; null if it reads any.</summary>
    public string? BadArgument { get; init; } = "☃ \"';--";
}

/// <summary>What every <see cref="IFlagFilter"/> must do.</summary>
public static class FlagFilterConformance
{
    /// <summary>The suite for one filter.</summary>
    /// <param name="create">Makes a fresh filter.</param>
    /// <param name="cases">Questions that it can answer.</param>
    public static ConformanceSuite For(Func<IFlagFilter> create, FlagFilterCases cases)
    {
        var checks = new FlagFilterChecks(create, cases);
        return new ConformanceSuite("flag-filter",
            ("A condition that is met is told from one that is not.", checks.IsToldApart),
            ("The same question gets the same answer, also at the same time.", checks.SameQuestionSameAnswer),
            ("An argument that cannot be read is not met, with a reason, and is no exception.", checks.BadArguments),
            ("Nobody known, no customer and no groups are no exception.", checks.Strangers),
            ("A reason is one line of at most 200 characters.", checks.Reasons),
            ("A cancelled call ends as cancelled.", checks.Cancellation));
    }
}

sealed class FlagFilterChecks(Func<IFlagFilter> create, FlagFilterCases cases)
{
    const int LongestReason = 200;

    public async Task IsToldApart(CancellationToken stop)
    {
        var (met, unmet) = (await JudgeAsync(cases.Met, stop), await JudgeAsync(cases.Unmet, stop));
        Expect.That(met.IsMet, $"what should be met was not: {met.Reason}");
        Expect.That(!unmet.IsMet, $"what should not be met was: {unmet.Reason}");
    }

    public async Task SameQuestionSameAnswer(CancellationToken stop)
    {
        var filter = create();
        FlagFilterRequest[] questions = [cases.Met, cases.Unmet];
        var answers = await Expect.AtOnceAsync(64, async number => (await filter.JudgeAsync(questions[number % 2], stop)).IsMet);
        for (var i = 0; i < answers.Length; i++)
            Expect.That(answers[i] == (i % 2 == 0), $"question {i} of 64 was answered {answers[i]}");
    }

    public async Task BadArguments(CancellationToken stop)
    {
        if (cases.BadArgument is not { } bad)
            return;
        var answer = await JudgeAsync(cases.Met with { Argument = bad }, stop);
        Expect.That(!answer.IsMet && !string.IsNullOrWhiteSpace(answer.Reason), $"{answer} for the argument {bad}");
    }

    public Task Strangers(CancellationToken stop)
        => JudgeAsync(cases.Met with { Tenant = TenantId.From(Guid.Empty), Customer = null, Groups = [] }, stop);

    public async Task Reasons(CancellationToken stop)
    {
        foreach (var question in (FlagFilterRequest[])[cases.Met, cases.Unmet, cases.Met with { Argument = cases.BadArgument ?? "" }])
        {
            var reason = (await JudgeAsync(question, stop)).Reason ?? "";
            Expect.That(reason.Length <= LongestReason && !reason.Any(char.IsControl), $"a reason of {reason.Length} characters: {reason}");
        }
    }

    public Task Cancellation(CancellationToken stop) => Expect.CancelsAsync(cancelled => JudgeAsync(cases.Met, cancelled));

    async Task<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken stop) => await create().JudgeAsync(request, stop);
}
