namespace IspHost.Sdk.Payments;

/// <summary>Moves money from customers.</summary>
/// <remarks>
/// The attempt is stored before <see cref="ChargeAsync"/> is called. An exception, or a call past its deadline, counts as
/// <see cref="ChargeResult.Unknown"/>: the host then asks <see cref="FindAsync"/> on a schedule and never charges anew meanwhile.
/// </remarks>
[ExtensionPoint("payment", version: 1, DeadlineSeconds = 20)]
public interface IPaymentGateway
{
    /// <summary>Takes money once, however often it is called with the same <see cref="ChargeRequest.IdempotencyKey"/>.</summary>
    ValueTask<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>What came of the charge with this key.</summary>
    /// <returns><see cref="ChargeResult.NeverHappened"/> if the gateway is certain that it knows no such charge.</returns>
    ValueTask<ChargeResult> FindAsync(TenantId tenant, string idempotencyKey, CancellationToken cancellationToken);
}

/// <summary>One attempt to take money.</summary>
public sealed record ChargeRequest
{
    /// <summary>For whom.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>Names the attempt for ever: 16 to 64 characters.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Above zero and rounded to the currency.</summary>
    public required Money Amount { get; init; }

    /// <summary>The customer's method of payment as the gateway knows it: a token, never a card number.</summary>
    public required string PaymentMethod { get; init; }

    /// <summary>What the customer reads on the statement, at most 22 characters.</summary>
    public string? Statement { get; init; }
}

/// <summary>What came of a charge.</summary>
public abstract record ChargeResult
{
    ChargeResult() { }

    /// <summary>The money has moved.</summary>
    /// <param name="Reference">The gateway's own name for the charge.</param>
    public sealed record Succeeded(string Reference) : ChargeResult;

    /// <summary>Accepted, to be settled later: the host asks again.</summary>
    /// <param name="Reference">The gateway's own name for the charge.</param>
    public sealed record Pending(string Reference) : ChargeResult;

    /// <summary>Refused by the bank or the customer; no money has moved.</summary>
    /// <param name="Code">The gateway's reason, such as <c>insufficient_funds</c>.</param>
    /// <param name="Final">False if the same method may succeed on another day.</param>
    public sealed record Declined(string Code, bool Final) : ChargeResult;

    /// <summary>The request never reached the point where money could move.</summary>
    public sealed record NeverHappened(string Reason) : ChargeResult;

    /// <summary>Money may or may not have moved.</summary>
    public sealed record Unknown(string Reason) : ChargeResult;
}

/// <summary>What a gateway also implements that can give money back.</summary>
public interface IRefunds
{
    /// <summary>Gives back part or all of a charge, once for each key.</summary>
    /// <param name="tenant">For whom.</param>
    /// <param name="chargeReference">The gateway's own name for the charge.</param>
    /// <param name="amount">Above zero, and not more than is left of the charge.</param>
    /// <param name="idempotencyKey">Names the refund for ever: 16 to 64 characters.</param>
    /// <param name="cancellationToken">Cancelled at the deadline.</param>
    ValueTask<ChargeResult> RefundAsync(
        TenantId tenant, string chargeReference, Money amount, string idempotencyKey, CancellationToken cancellationToken);
}
