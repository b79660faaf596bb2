using IspHost.Sdk.Flags;
using IspHost.Sdk.Tenants;
using Microsoft.FeatureManagement.FeatureFilters;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>What a flag is asked: about whom, and when.</summary>
sealed class FlagQuestion : ITargetingContext
{
    readonly List<FlagFinding>? findings;

    public FlagQuestion(FlagSubject subject, Tenant? tenant, FlagPopulation population, Instant now, List<FlagFinding>? findings = null)
    {
        (Subject, Tenant, Now, this.findings) = (subject, tenant, now, findings);
        IsDrawn = population is FlagPopulation.Tenants || subject.Customer is not null;
        UserId = Draw.NameOf(subject.Tenant, population is FlagPopulation.Customers ? subject.Customer : null);
        Groups = GroupsOf(subject, tenant);
    }

    public FlagSubject Subject { get; }

    public Tenant? Tenant { get; }

    public Instant Now { get; }

    /// <summary>Whether percentages of the audience are about this one.</summary>
    public bool IsDrawn { get; }

    public string[] Groups { get; private set; }

    /// <summary>By what it is drawn. The library puts it into traces.</summary>
    public string UserId { get; set; }

    IEnumerable<string> ITargetingContext.Groups
    {
        get => Groups;
        set => Groups = [.. value];
    }

    /// <summary>Notes why a condition is met or not, if somebody wants to know.</summary>
    public bool Found(string condition, bool isMet, Func<string> why)
    {
        findings?.Add(new FlagFinding(condition, isMet ? FlagOutcome.Met : FlagOutcome.NotMet, why()));
        return isMet;
    }

    /// <summary>What the host knows comes first, and from nobody else.</summary>
    static string[] GroupsOf(FlagSubject subject, Tenant? tenant)
    {
        const int most = 50;
        var groups = new List<string>(2 + subject.Groups.Count);
        if (tenant is not null)
            groups.Add($"tenant:{tenant.Code}");
        if (subject.Customer is { } customer)
            groups.Add($"customer:{customer}");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subject.Groups.Count, most, nameof(subject));
        foreach (var group in subject.Groups)
        {
            if (!group.StartsWith("tenant:", StringComparison.Ordinal) && !group.StartsWith("customer:", StringComparison.Ordinal))
                groups.Add(group);
        }
        return [.. groups];
    }
}
