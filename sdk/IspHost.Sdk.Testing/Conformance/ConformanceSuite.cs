namespace IspHost.Sdk.Testing;

/// <summary>What an implementation of an extension point must do, a sentence each, and a check for each sentence.</summary>
/// <remarks>
/// It knows no test framework. Feed <see cref="Requirements"/> to a theory and call <see cref="CheckAsync"/> in it: a requirement
/// that a later SDK adds is then checked without a change to the tests. Every check makes a fresh implementation.
/// </remarks>
public sealed class ConformanceSuite
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly IReadOnlyDictionary<string, Func<CancellationToken, Task>> checks;

    internal ConformanceSuite(string point, params IEnumerable<(string Requirement, Func<CancellationToken, Task> Check)> checks)
        : this(point, checks.ToDictionary(check => check.Requirement, check => check.Check))
    {
    }

    ConformanceSuite(string point, IReadOnlyDictionary<string, Func<CancellationToken, Task>> checks)
        => (Point, this.checks, Requirements) = (point, checks, [.. checks.Keys]);

    /// <summary>The name of the extension point.</summary>
    public string Point { get; }

    /// <summary>What must hold, in the order in which it is best read.</summary>
    public IReadOnlyList<string> Requirements { get; }

    /// <summary>Checks one of the <see cref="Requirements"/>, with 30 seconds to do so.</summary>
    /// <exception cref="ConformanceException">It does not hold.</exception>
    /// <exception cref="ArgumentException">The suite has no such requirement.</exception>
    public async Task CheckAsync(string requirement, CancellationToken cancellationToken)
    {
        if (!checks.TryGetValue(requirement, out var check))
            throw new ArgumentException($"The {Point} suite has no requirement '{requirement}'.", nameof(requirement));
        try
        {
            await Task.Run(() => check(cancellationToken), cancellationToken).WaitAsync(Limit, cancellationToken);
        }
        catch (UnmetException unmet)
        {
            throw new ConformanceException(requirement, unmet.Message);
        }
        catch (Exception thrown) when (!cancellationToken.IsCancellationRequested)
        {
            // The code under test is a stranger's: whatever it throws where it must not is what was seen.
            throw new ConformanceException(requirement, $"{thrown.GetType().Name}: {thrown.Message}", thrown);
        }
    }

    /// <summary>The same suite, for an implementation that is known not to meet one requirement.</summary>
    /// <remarks>The requirement stays in the list and fails as soon as it is met: then it is time to drop the exception.</remarks>
    /// <param name="requirement">One of the <see cref="Requirements"/>.</param>
    /// <param name="reason">Why it does not hold; whoever reads the test wants to know.</param>
    public ConformanceSuite Except(string requirement, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (!checks.ContainsKey(requirement))
            throw new ArgumentException($"The {Point} suite has no requirement '{requirement}'.", nameof(requirement));
        var changed = checks.ToDictionary(check => check.Key, check => check.Value);
        changed[requirement] = async cancellationToken =>
        {
            try
            {
                await CheckAsync(requirement, cancellationToken);
            }
            catch (ConformanceException)
            {
                return;
            }
            throw new UnmetException($"it holds, although it was said not to because: {reason}");
        };
        return new ConformanceSuite(Point, changed);
    }
}

/// <summary>An implementation does not meet a requirement.</summary>
public sealed class ConformanceException(string requirement, string seen, Exception? cause = null)
    : Exception($"Required: {requirement}{Environment.NewLine}Seen: {seen}", cause)
{
    /// <summary>What must hold.</summary>
    public string Requirement { get; } = requirement;

    /// <summary>What was seen instead.</summary>
    public string Seen { get; } = seen;
}
