using System.Buffers;
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
        return HashOf(text);
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
        Span<char> shortly = stackalloc char[64];
        foreach (var field in fields)
        {
            if (field is null)
                text.Append("-:;");
            else if (field is ISpanFormattable value && value.TryFormat(shortly, out var length, default, CultureInfo.InvariantCulture))
                text.Append(length).Append(':').Append(shortly[..length]).Append(';');
            else
                Append(text, field as string ?? Convert.ToString(field, CultureInfo.InvariantCulture)!);
        }
    }

    static void Append(StringBuilder text, string value) => text.Append(value.Length).Append(':').Append(value).Append(';');

    static byte[] HashOf(StringBuilder text)
    {
        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        text.CopyTo(0, characters, text.Length);
        var hash = SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(characters.AsSpan(0, text.Length), bytes)));
        ArrayPool<char>.Shared.Return(characters);
        ArrayPool<byte>.Shared.Return(bytes);
        return hash;
    }

    static string Number(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);
}
