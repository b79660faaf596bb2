using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>Days that have been billed.</summary>
readonly record struct BilledDays(SubscriptionId Subscription, Component Component, ContractVersionId Version, DateRange Days);

/// <summary>Which days of which service have been billed under which terms.</summary>
sealed class Coverage(IEnumerable<BilledDays> billed)
{
    readonly ILookup<(SubscriptionId, Component), BilledDays> days = billed.ToLookup(row => (row.Subscription, row.Component));

    public CoverageState Of(Due due)
    {
        var state = CoverageState.Open;
        foreach (var row in days[(due.Version.Subscription, due.Component)])
        {
            if (!row.Days.Overlaps(due.Served))
                continue;
            if (row.Version == due.Version.Id)
                return CoverageState.Billed;
            state = CoverageState.BilledByOtherTerms;
        }
        return state;
    }
}

enum CoverageState
{
    /// <summary>Nobody has billed any of the days.</summary>
    Open,

    /// <summary>The same terms have billed them.</summary>
    Billed,

    /// <summary>Other terms have billed some of them: the contract was changed afterwards, and somebody must decide.</summary>
    BilledByOtherTerms,
}
