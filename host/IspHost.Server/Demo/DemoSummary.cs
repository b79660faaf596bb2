namespace IspHost.Server.Demo;

/// <summary>What happened: <c>summary.json</c>.</summary>
sealed record DemoSummary(IReadOnlyList<TenantSummary> Tenants, UpgradeSummary Upgrade);

/// <param name="Code">The tenant.</param>
/// <param name="Currency">What amounts are in.</param>
/// <param name="Customers">How many it has.</param>
/// <param name="Packets">RADIUS requests that its access server sent.</param>
/// <param name="UsageBytes">Read from the rated lines of the invoices.</param>
/// <param name="Invoices">How many were issued.</param>
/// <param name="NetMinor">In the currency's smallest unit.</param>
/// <param name="TaxMinor">In the currency's smallest unit.</param>
/// <param name="TotalMinor">In the currency's smallest unit.</param>
sealed record TenantSummary(
    string Code, string Currency, int Customers, long Packets, long UsageBytes, int Invoices, long NetMinor, long TaxMinor,
    long TotalMinor);

/// <param name="From">The generation that served before, as <c>VERSION/NUMBER</c>.</param>
/// <param name="To">The generation that serves since.</param>
/// <param name="LostPackets">RADIUS requests without an answer, in the whole month.</param>
/// <param name="FailedCalls">API requests that failed while the plugin was replaced.</param>
/// <param name="OldGenerationUnloaded">Whether the old code is proven gone from memory.</param>
sealed record UpgradeSummary(string From, string To, long LostPackets, int FailedCalls, bool OldGenerationUnloaded);
