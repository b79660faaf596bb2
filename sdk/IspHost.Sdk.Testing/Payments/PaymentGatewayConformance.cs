using IspHost.Sdk.Payments;

namespace IspHost.Sdk.Testing;

/// <summary>What every <see cref="IPaymentGateway"/> must do.</summary>
public static class PaymentGatewayConformance
{
    /// <summary>The suite for one gateway.</summary>
    /// <param name="create">Makes a fresh gateway to the same provider.</param>
    /// <param name="cases">How to see what the provider did.</param>
    public static ConformanceSuite For(Func<IPaymentGateway> create, PaymentCases cases)
    {
        var checks = new PaymentChecks(create, cases);
        return new ConformanceSuite("payment",
            ("A charge takes exactly its amount and names a reference, in every currency.", checks.TakesTheAmount),
            ("The same key charges once, however often it is called.", checks.SameKeyOnce),
            ("The same key charges once, also by calls at the same time.", checks.SameKeyOnceAtOnce),
            ("Another key is another charge.", checks.AnotherKey),
            ("A charge is found by its key.", checks.FindsTheCharge),
            ("A key that was never used is found as never happened.", checks.UnknownKeyNeverHappened),
            ("A key belongs to its tenant.", checks.KeyBelongsToTenant),
            ("A declined charge takes nothing and says why.", checks.Declined),
            ("A declined charge is found as declined.", checks.DeclinedIsFound),
            ("An answer that got lost is unknown or an exception: never declined, and never 'never happened'.", checks.LostAnswer),
            ("A charge whose answer got lost is found later, and is not taken again.", checks.LostAnswerIsFound),
            ("A call that was cancelled before it began takes nothing.", checks.Cancellation));
    }
}

sealed class PaymentChecks(Func<IPaymentGateway> create, PaymentCases cases)
{
    public async Task TakesTheAmount(CancellationToken stop)
    {
        foreach (var currency in cases.Currencies)
        {
            var request = cases.Charge(PaymentCases.NewKey(), 1999, currency: currency);
            var reference = PaymentCases.Reference(await create().ChargeAsync(request, stop));
            Expect.That(!string.IsNullOrWhiteSpace(reference), "a charge without a reference");
            await cases.ExpectTakenAsync(request.IdempotencyKey, request.Amount, stop);
        }
    }

    public async Task SameKeyOnce(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey());
        var first = PaymentCases.Reference(await create().ChargeAsync(request, stop));
        for (var i = 0; i < 3; i++)
        {
            var again = PaymentCases.Reference(await create().ChargeAsync(request, stop));
            Expect.That(again == first, $"reference {first}, then {again} for the same key");
        }
        await cases.ExpectTakenAsync(request.IdempotencyKey, request.Amount, stop);
    }

    public async Task SameKeyOnceAtOnce(CancellationToken stop)
    {
        var (gateway, request) = (create(), cases.Charge(PaymentCases.NewKey()));
        var results = await Expect.AtOnceAsync(16, async _ => await TryChargeAsync(gateway, request, stop));
        var references = results.Where(Moves).Select(PaymentCases.Reference).Distinct().ToList();
        Expect.That(references.Count == 1, $"{references.Count} references from 16 calls: {string.Join(", ", results.Distinct())}");
        var denied = results.FirstOrDefault(result => result is ChargeResult.Declined or ChargeResult.NeverHappened);
        Expect.That(denied is null, $"{denied}, while the money moved");
        await cases.ExpectTakenAsync(request.IdempotencyKey, request.Amount, stop);
    }

    public async Task AnotherKey(CancellationToken stop)
    {
        var (one, other) = (cases.Charge(PaymentCases.NewKey()), cases.Charge(PaymentCases.NewKey()));
        var first = PaymentCases.Reference(await create().ChargeAsync(one, stop));
        var second = PaymentCases.Reference(await create().ChargeAsync(other, stop));
        Expect.That(first != second, $"the reference {first} for two keys");
        await cases.ExpectTakenAsync(one.IdempotencyKey, one.Amount, stop);
        await cases.ExpectTakenAsync(other.IdempotencyKey, other.Amount, stop);
    }

    public async Task FindsTheCharge(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey());
        var charged = PaymentCases.Reference(await create().ChargeAsync(request, stop));
        var found = PaymentCases.Reference(await create().FindAsync(cases.Tenant, request.IdempotencyKey, stop));
        Expect.That(found == charged, $"reference {charged} when charged, {found} when asked for");
    }

    public async Task UnknownKeyNeverHappened(CancellationToken stop)
    {
        var found = await create().FindAsync(cases.Tenant, PaymentCases.NewKey(), stop);
        Expect.That(found is ChargeResult.NeverHappened, $"{found}");
    }

    public async Task KeyBelongsToTenant(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey());
        await create().ChargeAsync(request, stop);
        var found = await create().FindAsync(cases.OtherTenant, request.IdempotencyKey, stop);
        Expect.That(found is ChargeResult.NeverHappened, $"another tenant asked for the key and got {found}");
    }

    public async Task Declined(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey(), method: cases.DeclinedMethod);
        var result = await create().ChargeAsync(request, stop);
        Expect.That(result is ChargeResult.Declined { Code.Length: > 0 }, $"{result}");
        await cases.ExpectTakenAsync(request.IdempotencyKey, Money.Zero(request.Amount.Currency), stop);
    }

    public async Task DeclinedIsFound(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey(), method: cases.DeclinedMethod);
        await create().ChargeAsync(request, stop);
        var found = await create().FindAsync(cases.Tenant, request.IdempotencyKey, stop);
        Expect.That(found is ChargeResult.Declined, $"{found}");
    }

    public async Task LostAnswer(CancellationToken stop)
    {
        var result = await TryChargeAsync(cases.AnswersLost(), cases.Charge(PaymentCases.NewKey()), stop);
        Expect.That(result is ChargeResult.Unknown, $"{result}, although nobody knows whether the money moved");
    }

    public async Task LostAnswerIsFound(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey());
        await TryChargeAsync(cases.AnswersLost(), request, stop);
        PaymentCases.Reference(await create().FindAsync(cases.Tenant, request.IdempotencyKey, stop));
        PaymentCases.Reference(await create().ChargeAsync(request, stop));
        await cases.ExpectTakenAsync(request.IdempotencyKey, request.Amount, stop);
    }

    public async Task Cancellation(CancellationToken stop)
    {
        var request = cases.Charge(PaymentCases.NewKey());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await TryChargeAsync(create(), request, cancelled.Token);
        await cases.ExpectTakenAsync(request.IdempotencyKey, Money.Zero(request.Amount.Currency), stop);
    }

    static bool Moves(ChargeResult result) => result is ChargeResult.Succeeded or ChargeResult.Pending;

    /// <summary>As the host does: whatever is thrown counts as unknown.</summary>
    static async Task<ChargeResult> TryChargeAsync(IPaymentGateway gateway, ChargeRequest request, CancellationToken stop)
    {
        try
        {
            return await gateway.ChargeAsync(request, stop);
        }
        catch (Exception thrown)
        {
            // The boundary of the gateway under test, the same as the host's.
            return new ChargeResult.Unknown(thrown.Message);
        }
    }
}
