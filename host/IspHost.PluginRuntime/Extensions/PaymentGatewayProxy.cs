using IspHost.Sdk.Payments;

namespace IspHost.PluginRuntime;

/// <remarks>
/// The proxy outlives generations, so it is always an <see cref="IRefunds"/> too; a gateway that gives no money back answers a
/// refund as unavailable: nothing happened.
/// </remarks>
sealed class PaymentGatewayProxy(Slot<IPaymentGateway> slot) : IPaymentGateway, IRefunds
{
    public async ValueTask<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
        => await slot.CallAsync(
            request.Tenant, static (gateway, request, stop) => gateway.ChargeAsync(request, stop), request, cancellationToken);

    public async ValueTask<ChargeResult> FindAsync(TenantId tenant, string idempotencyKey, CancellationToken cancellationToken)
        => await slot.CallAsync(
            tenant,
            static (gateway, ask, stop) => gateway.FindAsync(ask.tenant, ask.idempotencyKey, stop),
            (tenant, idempotencyKey),
            cancellationToken);

    public async ValueTask<ChargeResult> RefundAsync(
        TenantId tenant, string chargeReference, Money amount, string idempotencyKey, CancellationToken cancellationToken)
    {
        var result = await slot.CallAsync(tenant, Refund, (tenant, chargeReference, amount, idempotencyKey), cancellationToken);
        return result ?? throw slot.Unavailable("it cannot give money back");
    }

    static async ValueTask<ChargeResult?> Refund(
        IPaymentGateway gateway, (TenantId Tenant, string Charge, Money Amount, string Key) ask, CancellationToken stop)
        => gateway is IRefunds refunds ? await refunds.RefundAsync(ask.Tenant, ask.Charge, ask.Amount, ask.Key, stop) : null;
}
