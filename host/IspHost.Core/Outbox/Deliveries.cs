using IspHost.Sdk;

namespace IspHost.Core.Outbox;

/// <summary>How deliveries of events are doing, for the API and for alerts.</summary>
public sealed class Deliveries
{
    readonly OutboxRows rows;

    internal Deliveries(OutboxRows rows) => this.rows = rows;

    /// <summary>How many of the tenant's wait, and how many were given up.</summary>
    public Task<DeliveryCounts> CountAsync(TenantId tenant, CancellationToken cancellationToken)
        => rows.CountAsync(tenant, cancellationToken);

    /// <summary>Those of the tenant's that have failed and are not done, the latest event first.</summary>
    public async Task<IReadOnlyList<FailedDelivery>> FailedAsync(TenantId tenant, int most, CancellationToken cancellationToken)
        => await rows.FailedAsync(tenant, most, cancellationToken);
}
