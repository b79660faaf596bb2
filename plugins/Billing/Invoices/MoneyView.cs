using System.Text.Json.Serialization;
using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>Money as the SDK writes it.</summary>
/// <remarks>A generated serializer cannot reach the converter of the SDK's currency, which is private.</remarks>
readonly record struct MoneyView([property: JsonConverter(typeof(DecimalString))] decimal Amount, string Currency)
{
    public static implicit operator MoneyView(Money money) => new(money.Amount, money.Currency.Code);

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Amount} {Currency}");
}
