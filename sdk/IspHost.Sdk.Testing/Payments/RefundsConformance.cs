using IspHost.Sdk.Payments;

namespace IspHost.Sdk.Testing;

/// <summary>What every gateway must do that is also <see cref="IRefunds"/>.</summary>
public static class RefundsConformance
{
    /// <summary>The suite for one gateway.</summary>
    /// <param name="create">Makes a fresh gateway to the same provider.</param>
    /// <param name="cases">How to see what the provider did. <see cref="PaymentCases.Taken"/> must count refunds.</param>
    public static ConformanceSuite For<TGateway>(Func<TGateway> create, PaymentCases cases) where TGateway : IPaymentGateway, IRefunds
    {
        var checks = new RefundChecks<TGateway>(create, cases);
        return new ConformanceSuite("payment",
            ("A refund gives back exactly its amount.", checks.GivesBackTheAmount),
            ("The same refund key gives back once, however often it is called.", checks.SameKeyOnce),
            ("A refund of more than is left gives nothing back.", checks.NeverMoreThanIsLeft),
            ("A refund of an unknown charge gives nothing back.", checks.UnknownCharge));
    }
}

sealed class RefundChecks<TGateway>(Func<TGateway> create, PaymentCases cases) where TGateway : IPaymentGateway, IRefunds
{
    public async Task GivesBackTheAmount(CancellationToken stop)
    {
        var (charge, reference) = await ChargeAsync(stop);
        PaymentCases.Reference(await create().RefundAsync(cases.Tenant, reference, Amount(700), PaymentCases.NewKey(), stop));
        PaymentCases.Reference(await create().RefundAsync(cases.Tenant, reference, Amount(1299), PaymentCases.NewKey(), stop));
        await cases.ExpectTakenAsync(charge.IdempotencyKey, Amount(0), stop);
    }

    public async Task SameKeyOnce(CancellationToken stop)
    {
        var (charge, reference) = await ChargeAsync(stop);
        var key = PaymentCases.NewKey();
        for (var i = 0; i < 3; i++)
            PaymentCases.Reference(await create().RefundAsync(cases.Tenant, reference, Amount(700), key, stop));
        await cases.ExpectTakenAsync(charge.IdempotencyKey, Amount(1299), stop);
    }

    public async Task NeverMoreThanIsLeft(CancellationToken stop)
    {
        var (charge, reference) = await ChargeAsync(stop);
        await create().RefundAsync(cases.Tenant, reference, Amount(1500), PaymentCases.NewKey(), stop);
        await RefusedAsync(reference, Amount(1500), stop);
        await cases.ExpectTakenAsync(charge.IdempotencyKey, Amount(499), stop);
    }

    public Task UnknownCharge(CancellationToken stop) => RefusedAsync("no-such-charge", Amount(700), stop);

    async Task RefusedAsync(string reference, Money amount, CancellationToken stop)
    {
        ChargeResult result;
        try
        {
            result = await create().RefundAsync(cases.Tenant, reference, amount, PaymentCases.NewKey(), stop);
        }
        catch (Exception refused) when (refused is not OperationCanceledException)
        {
            return; // The host asks again and staff read the reason: money stays where it is.
        }
        Expect.That(result is ChargeResult.Declined or ChargeResult.NeverHappened, $"{result} for {amount}");
    }

    async Task<(ChargeRequest Charge, string Reference)> ChargeAsync(CancellationToken stop)
    {
        var charge = cases.Charge(PaymentCases.NewKey());
        return (charge, PaymentCases.Reference(await create().ChargeAsync(charge, stop)));
    }

    Money Amount(long minor) => Money.FromMinor(minor, cases.Currencies[0]);
}
