using IspHost.Sdk.Testing;

namespace CustomGateway.Tests;

/// <summary>What every payment gateway must do.</summary>
public sealed class PaymentSuite
{
    // begin payment-suite
    public static ConformanceSuite New()
    {
        var bank = new FakeBank();
        return PaymentGatewayConformance.For(() => new Gateway(bank.NewClient()), new PaymentCases
        {
            GoodMethod = "card_good",
            DeclinedMethod = "card_empty",
            Taken = (tenant, key, _) => ValueTask.FromResult(bank.Taken(tenant, key)),
            AnswersLost = () => new Gateway(bank.NewClient(losesAnswers: true)),
        });
    }
    // end payment-suite

    public static TheoryData<string> Requirements => [.. New().Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => New().CheckAsync(requirement, TestContext.Current.CancellationToken);
}
