using System.Globalization;
using System.Text.RegularExpressions;
using IspHost.Sdk;
using UglyToad.PdfPig;

namespace IspHost.Server.Tests;

/// <summary>What a person reads on an invoice's document.</summary>
static partial class InvoiceText
{
    public static Money TotalOf(byte[] document)
    {
        using var pdf = PdfDocument.Open(document);
        var text = string.Join('\n', pdf.GetPages().Select(page => page.Text));
        var total = Total().Match(text);
        Assert.True(total.Success, text);
        return new Money(
            decimal.Parse(total.Groups["amount"].Value, NumberStyles.Number, CultureInfo.InvariantCulture),
            Currency.Of(total.Groups["currency"].Value));
    }

    [GeneratedRegex(@"Total due\s*(?<amount>[\d,]+\.\d\d)\s*(?<currency>[A-Z]{3})")]
    private static partial Regex Total();
}
