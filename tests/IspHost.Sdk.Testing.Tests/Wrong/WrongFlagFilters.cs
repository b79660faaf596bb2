using IspHost.Sdk.Flags;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>A filter for each requirement that it does not meet.</summary>
static class WrongFlagFilters
{
    public static IEnumerable<(string Requirement, Func<IFlagFilter> Create)> All =>
    [
        ("A condition that is met is told from one that is not.", () => new Filter(_ => Answer(true))),
        ("A condition that is met is told from one that is not.", () => new Filter(_ => Answer(false))),
        ("The same question gets the same answer, also at the same time.", Tired),
        ("An argument that cannot be read is not met, with a reason, and is no exception.",
            () => new Filter(request => request.Argument.Length == 2 ? Rightly(request) : throw new FormatException("No country."))),
        ("An argument that cannot be read is not met, with a reason, and is no exception.",
            () => new Filter(request => request.Argument.Length == 2 ? Rightly(request) : Answer(false, null))),
        ("Nobody known, no customer and no groups are no exception.",
            () => new Filter(request => request.Groups.Count == 0 ? throw new KeyNotFoundException("No group.") : Rightly(request))),
        ("A reason is one line of at most 200 characters.",
            () => new Filter(request => Rightly(request) with { Reason = new string('x', 201) })),
        ("A reason is one line of at most 200 characters.", () => new Filter(request => Rightly(request) with { Reason = "a\nb" })),
        ("A cancelled call ends as cancelled.", () => new Filter(Rightly, isDeaf: true)),
    ];

    static Filter Tired()
    {
        var calls = 0;
        return new Filter(request => Interlocked.Increment(ref calls) > 40 ? Answer(false) : Rightly(request));
    }

    static FlagFilterAnswer Rightly(FlagFilterRequest request)
        => request.Argument.Length == 2 ? Answer(request.Argument == "GR") : Answer(false, "it is no country");

    static FlagFilterAnswer Answer(bool isMet, string? reason = "so it is") => new() { IsMet = isMet, Reason = reason };

    sealed class Filter(Func<FlagFilterRequest, FlagFilterAnswer> judge, bool isDeaf = false) : IFlagFilter
    {
        public ValueTask<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken cancellationToken)
        {
            if (!isDeaf)
                cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(judge(request));
        }
    }
}
