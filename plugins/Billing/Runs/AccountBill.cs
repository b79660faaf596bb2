namespace IspHost.Plugins.Billing;

/// <summary>What a run makes of one customer.</summary>
sealed class AccountBill(RunItem item, Party? party)
{
    public RunItem Item { get; } = item;

    /// <summary>Null if the customer is gone.</summary>
    public Party? Party { get; } = party;

    public List<DraftLine> Lines { get; } = [];

    public List<HeldLine> Held { get; } = [];

    /// <summary>Usage that must be read and priced: with what was billed of it before, if it was.</summary>
    public List<(Due Due, EarlierUsage? Earlier)> Usage { get; } = [];

    public IReadOnlyList<Invoice> Invoices { get; set; } = [];

    /// <summary>Why a person must look at it; null if none must.</summary>
    public string? Parked { get; private set; }

    /// <summary>Why its taxes are not known; null if they are.</summary>
    public string? TaxPending { get; private set; }

    /// <summary>Why its usage has no price yet; null if it has one, or will not get one by waiting.</summary>
    public string? PricePending { get; private set; }

    /// <summary>What it waits for, and why; null if it does not wait.</summary>
    public string? Pending => PricePending is { } price ? $"prices: {price}" : TaxPending is { } tax ? $"taxes: {tax}" : null;

    /// <summary>Nothing has come up so far that keeps it from being billed now.</summary>
    public bool IsOpen => Parked is null && PricePending is null;

    public string State => this switch
    {
        { Parked: not null } => "parked",
        { PricePending: not null } => "todo",
        { TaxPending: not null } => "tax_pending",
        { Invoices.Count: > 0 } => "done",
        _ => "nothing",
    };

    public string? Reason => Parked ?? TaxPending;

    public void Park(string reason)
    {
        Parked = reason;
        Held.Clear();
        Invoices = [];
    }

    /// <summary>Nothing of the customer is issued while there is hope for a price.</summary>
    public void WaitForPrice(string reason)
    {
        PricePending = reason;
        Held.Clear();
        Invoices = [];
    }

    /// <summary>Nothing of the customer is issued until all taxes are known.</summary>
    public void WaitForTax(string reason)
    {
        TaxPending = reason;
        Held.AddRange(Lines.Select(line => new HeldLine(line.Due, HeldLine.TaxPending, reason)));
        Invoices = [];
    }
}
