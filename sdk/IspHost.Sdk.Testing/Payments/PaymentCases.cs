using IspHost.Sdk.Payments;

namespace IspHost.Sdk.Testing;

/// <summary>What the suites need to know about a gateway and the provider behind it: a sandbox, or a double of your own.</summary>
public sealed record PaymentCases
{
    /// <summary>A method of payment that the provider accepts.</summary>
    public required string GoodMethod { get; init; }

    /// <summary>A method that the provider declines.</summary>
    public required string DeclinedMethod { get; init; }

    /// <summary>Asks the provider, past the gateway, how much it has taken under a key, less what it gave back; 0 if none.</summary>
    public required Func<TenantId, string, CancellationToken, ValueTask<decimal>> Taken { get; init; }

    /// <summary>Makes a gateway whose requests reach the same provider and whose answers get lost on the way back.</summary>
    public required Func<IPaymentGateway> AnswersLost { get; init; }

    /// <summary>The currencies that the gateway takes.</summary>
    public IReadOnlyList<Currency> Currencies { get; init; } = [Currency.Of("EUR")];

    /// <summary>For whom.</summary>
    public TenantId Tenant { get; init; } = TenantId.New();

    /// <summary>Another tenant of the same host.</summary>
    public TenantId OtherTenant { get; init; } = TenantId.New();

    internal static string NewKey() => $"conformance-{Guid.CreateVersion7():N}";

    internal ChargeRequest Charge(string key, long minor = 1999, string? method = null, Currency? currency = null) => new()
    {
        Tenant = Tenant,
        IdempotencyKey = key,
        Amount = Money.FromMinor(minor, currency ?? Currencies[0]),
        PaymentMethod = method ?? GoodMethod,
        Statement = "Conformance suite",
    };

    internal async Task ExpectTakenAsync(string key, Money expected, CancellationToken stop)
    {
        var taken = await Taken(Tenant, key, stop);
        Expect.That(taken == expected.Amount, $"the provider took {taken} in all, and should have taken {expected}");
    }

    /// <summary>The provider's name for a charge that moved money or will.</summary>
    internal static string Reference(ChargeResult result) => result switch
    {
        ChargeResult.Succeeded { Reference: var reference } => reference,
        ChargeResult.Pending { Reference: var reference } => reference,
        _ => throw new UnmetException($"{result}, where the charge should have succeeded or be pending"),
    };
}
