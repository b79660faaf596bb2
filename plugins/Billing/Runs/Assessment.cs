using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>Decides what is owed and not billed yet. It touches nothing.</summary>
static class Assessment
{
    public static void Assess(AccountBill bill, Party party, DateRange period, BilledBefore before)
    {
        foreach (var due in party.Versions.SelectMany(version => Due.In(version, period)))
        {
            switch (before.Coverage.Of(due))
            {
                case CoverageState.Open when due.Component == Component.Usage:
                    bill.Usage.Add((due, null));
                    break;
                case CoverageState.Open when due.Version.Price.Recurring is { } price:
                    bill.Lines.Add(Recurring.Line(due, price));
                    break;
                case CoverageState.Open:
                    bill.Held.Add(new(due, HeldLine.MissingPrice, $"The contract for {due.Version.PlanCode} has no price."));
                    break;
                case CoverageState.BilledByOtherTerms:
                    bill.Held.Add(new(due, HeldLine.AlreadyBilled, "Some of these days were billed under other terms."));
                    break;
            }
        }
        AskAgainForUsage(bill, party, before);
    }

    /// <summary>Usage of an interval that is billed may have been reported since.</summary>
    static void AskAgainForUsage(AccountBill bill, Party party, BilledBefore before)
    {
        foreach (var version in party.Versions.Where(version => version.Price.Usage is not null))
        {
            foreach (var earlier in before.Usage[version.Subscription].Where(earlier => earlier.Version == version.Id))
            {
                var interval = ServiceInterval.Containing(earlier.Period.Start, version.Price.Anchor, version.Price.IntervalMonths);
                bill.Usage.Add((new Due(version, Component.Usage, interval, earlier.Period), earlier));
            }
        }
    }
}
