using IspHost.Sdk.Payments;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>A purse that charges and gives back, right or wrong in one way.</summary>
sealed class Purse(Dictionary<string, decimal> left, RefundFault fault) : IPaymentGateway, IRefunds
{
    public static ConformanceSuite Suite(RefundFault fault)
    {
        var left = new Dictionary<string, decimal>();
        return RefundsConformance.For(() => new Purse(left, fault), new PaymentCases
        {
            GoodMethod = "any",
            DeclinedMethod = "none",
            Taken = (_, key, _) => ValueTask.FromResult(left.GetValueOrDefault(key)),
            AnswersLost = () => throw new NotSupportedException("This suite loses nothing."),
        });
    }

    public static IEnumerable<(string Requirement, Func<ConformanceSuite> Suite)> All =>
    [
        ("A refund gives back exactly its amount.", () => Suite(RefundFault.KeepsACent)),
        ("The same refund key gives back once, however often it is called.", () => Suite(RefundFault.ForgetsKeys)),
        ("A refund of more than is left gives nothing back.", () => Suite(RefundFault.GivesMoreThanIsLeft)),
        ("A refund of an unknown charge gives nothing back.", () => Suite(RefundFault.KnowsEveryCharge)),
    ];

    public ValueTask<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        left.TryAdd(request.IdempotencyKey, request.Amount.Amount);
        return ValueTask.FromResult<ChargeResult>(new ChargeResult.Succeeded(request.IdempotencyKey));
    }

    public ValueTask<ChargeResult> FindAsync(TenantId tenant, string idempotencyKey, CancellationToken cancellationToken)
        => ValueTask.FromResult<ChargeResult>(left.ContainsKey(idempotencyKey)
            ? new ChargeResult.Succeeded(idempotencyKey) : new ChargeResult.NeverHappened(""));

    public ValueTask<ChargeResult> RefundAsync(
        TenantId tenant, string chargeReference, Money amount, string idempotencyKey, CancellationToken cancellationToken)
        => ValueTask.FromResult(Refund(chargeReference, amount.Amount, idempotencyKey));

    ChargeResult Refund(string charge, decimal amount, string key)
    {
        if (fault != RefundFault.ForgetsKeys && left.ContainsKey($"refund/{key}"))
            return new ChargeResult.Succeeded(key);
        if (!left.TryGetValue(charge, out var rest))
            return fault == RefundFault.KnowsEveryCharge
                ? new ChargeResult.Succeeded(key) : new ChargeResult.Declined("unknown_charge", true);
        if (rest < amount && fault != RefundFault.GivesMoreThanIsLeft)
            return new ChargeResult.Declined("too_much", true);
        left[charge] = rest - amount + (fault == RefundFault.KeepsACent ? 0.01m : 0m);
        left[$"refund/{key}"] = 0m;
        return new ChargeResult.Succeeded(key);
    }
}

enum RefundFault
{
    None,
    KeepsACent,
    ForgetsKeys,
    GivesMoreThanIsLeft,
    KnowsEveryCharge,
}
