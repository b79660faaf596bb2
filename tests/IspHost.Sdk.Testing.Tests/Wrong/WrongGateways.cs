using CustomGateway;
using CustomGateway.Tests;
using IspHost.Sdk.Payments;

namespace IspHost.Sdk.Testing.Tests.Wrong;

/// <summary>A gateway for each requirement that it does not meet.</summary>
static class WrongGateways
{
    public static IEnumerable<(string Requirement, Func<ConformanceSuite> Suite)> All =>
    [
        ("A charge takes exactly its amount and names a reference, in every currency.",
            () => Wrong(g => g.Charging = (request, stop) => g.Right.ChargeAsync(request with { Amount = request.Amount * 1.01m }, stop))),
        ("A charge takes exactly its amount and names a reference, in every currency.",
            () => Wrong(g
                => g.Charging = async (request, stop)
                    => await g.Right.ChargeAsync(request, stop) is ChargeResult.Succeeded ? new ChargeResult.Succeeded("") : null!)),
        ("The same key charges once, however often it is called.",
            () => Wrong(g => g.Charging = (request, stop) => g.ChargeAnew(request, stop))),
        ("The same key charges once, also by calls at the same time.", () => Wrong(RemembersTooLate)),
        ("Another key is another charge.",
            () => Wrong(g
                => g.Charging = (request, stop) => g.Right.ChargeAsync(request with { IdempotencyKey = "conformance-one-for-all" }, stop))),
        ("A charge is found by its key.",
            () => Wrong(g => g.Finding = (_, _, _) => ValueTask.FromResult<ChargeResult>(new ChargeResult.Succeeded("ch_0")))),
        ("A charge is found by its key.",
            () => Wrong(g => g.Finding = (_, _, _) => ValueTask.FromResult<ChargeResult>(new ChargeResult.NeverHappened("")))),
        ("A key that was never used is found as never happened.",
            () => Wrong(g => g.Finding = (_, _, _) => ValueTask.FromResult<ChargeResult>(new ChargeResult.Unknown("")))),
        ("A key belongs to its tenant.", () => Wrong(g =>
        {
            g.Charging = (request, stop) => g.Right.ChargeAsync(request with { Tenant = default }, stop);
            g.Finding = (_, key, stop) => g.Right.FindAsync(default, key, stop);
        })),
        ("A declined charge takes nothing and says why.", () => Wrong(g => g.Charging = async (request, stop) =>
        {
            await g.Right.ChargeAsync(request with { PaymentMethod = "card_good" }, stop);
            return new ChargeResult.Declined("insufficient_funds", false);
        })),
        ("A declined charge takes nothing and says why.",
            () => Wrong(g => g.Charging = (_, _) => ValueTask.FromResult<ChargeResult>(new ChargeResult.Declined("", true)))),
        ("A declined charge is found as declined.",
            () => Wrong(g => g.Finding = (_, _, _) => ValueTask.FromResult<ChargeResult>(new ChargeResult.NeverHappened("")))),
        ("An answer that got lost is unknown or an exception: never declined, and never 'never happened'.",
            () => Wrong(_
                => { }, lost
                    => lost.Charging = async (request, stop)
                        => await Guess(lost, request, new ChargeResult.NeverHappened("No answer."), stop))),
        ("An answer that got lost is unknown or an exception: never declined, and never 'never happened'.",
            () => Wrong(_
                => { }, lost
                    => lost.Charging = async (request, stop)
                        => await Guess(lost, request, new ChargeResult.Declined("no_answer", false), stop))),
        ("A charge whose answer got lost is found later, and is not taken again.",
            () => Wrong(_ => { }, lost => lost.Charging = (request, stop) => lost.ChargeAnew(request, stop))),
        ("A call that was cancelled before it began takes nothing.",
            () => Wrong(g => g.Charging = (request, _) => g.Right.ChargeAsync(request, CancellationToken.None))),
    ];

    static ConformanceSuite Wrong(Action<Spoiling> spoil, Action<Spoiling>? spoilLost = null)
    {
        var bank = new FakeBank();
        return PaymentGatewayConformance.For(() => Spoilt(new Spoiling(new Gateway(bank.NewClient())), spoil), new PaymentCases
        {
            GoodMethod = "card_good",
            DeclinedMethod = "card_empty",
            Taken = (tenant, key, _) => ValueTask.FromResult(bank.Taken(tenant, key)),
            AnswersLost = () => Spoilt(new Spoiling(new Gateway(bank.NewClient(losesAnswers: true))), spoilLost ?? (_ => { })),
        });
    }

    static Spoiling Spoilt(Spoiling gateway, Action<Spoiling> spoil)
    {
        spoil(gateway);
        return gateway;
    }

    /// <summary>Looks first and charges then, with a pause between: what a lock or a unique key would close.</summary>
    static void RemembersTooLate(Spoiling gateway)
    {
        var done = new System.Collections.Concurrent.ConcurrentDictionary<string, ChargeResult>();
        gateway.Charging = async (request, stop) =>
        {
            if (done.TryGetValue(request.IdempotencyKey, out var before))
                return before;
            await Task.Delay(TimeSpan.FromMilliseconds(20), stop);
            return done[request.IdempotencyKey] = await gateway.ChargeAnew(request, stop);
        };
    }

    static async Task<ChargeResult> Guess(Spoiling gateway, ChargeRequest request, ChargeResult guess, CancellationToken stop)
    {
        try
        {
            return await gateway.Right.ChargeAsync(request, stop);
        }
        catch (HttpRequestException)
        {
            return guess;
        }
    }

    sealed class Spoiling : IPaymentGateway
    {
        static int calls;

        public Spoiling(Gateway right) => (Right, Charging, Finding) = (right, right.ChargeAsync, right.FindAsync);

        public Gateway Right { get; }

        public Func<ChargeRequest, CancellationToken, ValueTask<ChargeResult>> Charging { get; set; }

        public Func<TenantId, string, CancellationToken, ValueTask<ChargeResult>> Finding { get; set; }

        public ValueTask<ChargeResult> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
            => Charging(request, cancellationToken);

        public ValueTask<ChargeResult> FindAsync(TenantId tenant, string idempotencyKey, CancellationToken cancellationToken)
            => Finding(tenant, idempotencyKey, cancellationToken);

        /// <summary>Under a key of its own.</summary>
        public ValueTask<ChargeResult> ChargeAnew(ChargeRequest request, CancellationToken stop)
            => Right.ChargeAsync(request with { IdempotencyKey = $"{request.IdempotencyKey}-{Interlocked.Increment(ref calls)}" }, stop);
    }
}
