namespace IspHost.Plugins.Billing;

/// <summary>The section <c>Plugins:Billing</c> of the host's configuration.</summary>
sealed record BillingSettings
{
    /// <summary>How many days after its issue an invoice falls due.</summary>
    public int DaysToPay { get; init; } = 14;
}
