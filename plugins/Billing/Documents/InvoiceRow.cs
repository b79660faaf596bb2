using System.Globalization;
using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>What stands in the columns of a line: it adds up, or the explanation says what it is instead.</summary>
sealed record InvoiceRow(string Quantity, string UnitPrice, string Net, IReadOnlyList<string> Explanation)
{
    /// <exception cref="InvalidOperationException">The line says something that is not so: it cannot be printed.</exception>
    public static InvoiceRow Of(InvoiceLine line, Currency currency)
    {
        var price = line.PriceIn(currency);
        if (price is null && line.Component is Component.Recurring)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Line {line.LineNo} does not add up: {line.Quantity} at {line.UnitPrice}, of which {line.Part.Numerator}/"
                + $"{line.Part.Denominator}, is not {Money.FromMinor(line.NetMinor, currency)}."));
        }
        var explanation = line.Explanation.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new(
            QuantityOf(line),
            price is { } shown ? shown.Amount.ToString("#,##0.00######", CultureInfo.InvariantCulture) : "",
            Amount(line.NetMinor, currency),
            price is null && explanation.Length == 0 ? [$"Priced by the rule {line.Rule}"] : explanation);
    }

    public static string Amount(long minor, Currency currency)
        => Money.FromMinor(minor, currency).Amount.ToString($"N{currency.MinorUnit}", CultureInfo.InvariantCulture);

    static string QuantityOf(InvoiceLine line) => line.Unit switch
    {
        "GB" => line.Quantity.ToString("#,##0.######### GB", CultureInfo.InvariantCulture),
        _ when line.Part.Numerator == line.Part.Denominator => line.Quantity.ToString("0", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{line.Part.Numerator}/{line.Part.Denominator}"),
    };
}
