using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace IspHost.Plugins.Billing;

/// <summary>SHA-256 of all that an invoice says, and the chain that ties each number to the one before.</summary>
/// <remarks>The layout is part of the books: whoever changes it changes what old hashes mean.</remarks>
static class ContentHash
{
    public static byte[] Of(Invoice invoice)
    {
        var text = new StringBuilder(2_000);
        Write(text, invoice.Id, invoice.Customer, invoice.Currency, invoice.Period, invoice.TaxPoint, invoice.IssuedOn, invoice.DueOn);
        Write(text, invoice.Seller.Name, invoice.Seller.Country, invoice.Seller.TaxNumber, string.Join('\n', invoice.Seller.Address));
        Write(text, invoice.Buyer.PortalId, invoice.Buyer.Name, invoice.Buyer.Country, invoice.Buyer.TaxNumber,
            string.Join('\n', invoice.Buyer.Address));
        foreach (var line in invoice.Lines)
        {
            Write(text, line);
            foreach (var tax in line.Taxes)
                Write(text, tax);
        }
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>The hash of a number: <see cref="Books"/> computes the same in SQL.</summary>
    public static byte[] Chain(byte[] previous, byte[] content, InvoiceNumber number)
        => SHA256.HashData([.. previous, .. content, .. Encoding.UTF8.GetBytes(number.ToString())]);

    static void Write(StringBuilder text, InvoiceLine line)
    {
        Write(text, line.LineNo, line.Component.Text(), line.Subscription, line.Version, line.Description, line.Period, line.Sequence);
        Write(text, Number(line.Quantity), line.Unit, Number(line.UnitPrice), line.Part.Numerator, line.Part.Denominator, line.NetMinor);
        Write(text, line.TaxClass, line.Rule, line.RuleHash, line.InputsDigest is { } digest ? Convert.ToHexStringLower(digest) : null,
            line.Explanation, line.Bytes);
    }

    static void Write(StringBuilder text, InvoiceTax tax)
        => Write(text, tax.TaxNo, tax.Jurisdiction, tax.Name, tax.Category, Number(tax.RatePercent), tax.BaseMinor, tax.AmountMinor,
            tax.Exemption);

    /// <summary>Every field has its length in front, so that no two documents have the same text.</summary>
    static void Write(StringBuilder text, params ReadOnlySpan<object?> fields)
    {
        foreach (var field in fields)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{field}");
            text.Append(field is null ? "-" : value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value).Append(';');
        }
    }

    static string Number(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);
}
