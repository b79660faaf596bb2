using System.Globalization;
using IspHost.Sdk;

namespace IspHost.Server.Commands;

/// <summary>Numbers and amounts as a person reads them.</summary>
static class Wording
{
    extension(Money money)
    {
        /// <summary>With all decimals of the currency, and more where they are not zero: <c>24.90 EUR</c>, <c>0.0375 EUR</c>.</summary>
        public string InFull
        {
            get
            {
                var decimals = new string('0', money.Currency.MinorUnit);
                var format = $"0.{decimals}{new string('#', 28 - decimals.Length)}";
                return $"{money.Amount.ToString(format, CultureInfo.InvariantCulture)} {money.Currency}";
            }
        }
    }

    /// <summary><c>1 invoice</c>, <c>1,204 invoices</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one of them is called.</param>
    /// <param name="many">What several are called, if not by an s more.</param>
    public static string Count(long count, string one, string? many = null)
        => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? $"{one}s")}");
}
