using System.Globalization;
using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Billing;

/// <summary>Lays an invoice out on A4 pages.</summary>
/// <remarks>Texts are English; dates are ISO and amounts have a point, so that no country reads them another way.</remarks>
sealed class InvoiceLayout(Invoice invoice, InvoiceNumber number, PdfFonts fonts)
{
    const float Left = 48;
    const float Right = PdfPage.Width - 48;
    const float Top = 56;
    const float Bottom = PdfPage.Height - 72;
    const float Leading = 12.5f;
    const float SmallLeading = 10.5f;

    // The right edges of the columns of numbers, and where the texts start and end.
    const float DescriptionEnd = 262;
    const float PeriodStart = 268;
    const float PeriodEnd = 314;
    const float QuantityEnd = 404;
    const float PriceEnd = 474;
    const float Gap = 8;

    readonly List<PdfPage> pages = [];
    float y;

    PdfPage Page => pages[^1];

    public IReadOnlyList<PdfPage> Build()
    {
        NewPage();
        Head();
        TableHead();
        foreach (var line in invoice.Lines)
            Row(line);
        Taxes();
        Totals();
        Feet();
        return pages;
    }

    void NewPage()
    {
        pages.Add(new());
        y = Top;
    }

    /// <summary>Makes sure that a block of this height is not torn apart.</summary>
    void Need(float height, bool repeatHead)
    {
        if (y + height <= Bottom)
            return;
        NewPage();
        if (repeatHead)
            TableHead();
    }

    void Head()
    {
        Page.Text("INVOICE", Left, y + 6, TextStyle.Title);
        var seller = invoice.Seller;
        var party = new List<string>(seller.Address);
        if (seller.TaxNumber is { } tax)
            party.Add($"Tax no. {tax}");
        var end = Block(Right, y - 6, seller.Name, party, TextStyle.Strong.Right, TextStyle.Small.Right);
        y = Math.Max(end, y + 40) + 18;

        var start = y;
        Page.Text("BILLED TO", Left, y, TextStyle.Label);
        var buyer = new List<string>(invoice.Buyer.Address) { invoice.Buyer.Country };
        if (invoice.Buyer.TaxNumber is { } number)
            buyer.Add($"Tax no. {number}");
        var left = Block(Left, y + 14, invoice.Buyer.Name, buyer, TextStyle.Strong, TextStyle.Body);
        y = Math.Max(left, Facts(start)) + 22;
    }

    float Block(float x, float top, string heading, IEnumerable<string> lines, TextStyle strong, TextStyle plain)
    {
        Page.Text(Composed(heading), x, top, strong);
        foreach (var line in lines)
            Page.Text(Composed(line), x, top += Leading, plain);
        return top + Leading;
    }

    float Facts(float top)
    {
        (string Name, string Value)[] facts =
        [
            ("Invoice number", number.ToString()),
            ("Customer number", invoice.Buyer.PortalId),
            ("Date of issue", Iso(invoice.IssuedOn)),
            ("Payment due", Iso(invoice.DueOn)),
            ("Billing period", Days(invoice.Period)),
        ];
        foreach (var (name, value) in facts)
        {
            Page.Text(name, 340, top, TextStyle.Small);
            Page.Text(Composed(value), Right, top, TextStyle.Body.Right);
            top += Leading + 1.5f;
        }
        return top;
    }

    void TableHead()
    {
        Page.Text("DESCRIPTION", Left, y, TextStyle.Label);
        Page.Text("SERVICE PERIOD", PeriodStart, y, TextStyle.Label);
        Page.Text("QUANTITY", QuantityEnd, y, TextStyle.Label.Right);
        Page.Text("UNIT PRICE", PriceEnd, y, TextStyle.Label.Right);
        Page.Text($"NET {invoice.Currency}", Right, y, TextStyle.Label.Right);
        y += 6;
        Page.Line(Left, Right, y, 1.2f, TextStyle.Accent);
        y += 14;
    }

    void Row(InvoiceLine line)
    {
        var description = Wrap(Composed(line.Description), TextStyle.Body, DescriptionEnd - Left);
        var row = InvoiceRow.Of(line, invoice.Currency);
        var explanation = row.Explanation
            .SelectMany(text => Wrap(Composed(text), TextStyle.Small, DescriptionEnd - Left))
            .ToList();
        // The service period takes two lines, even beside a short description.
        var height = Math.Max(description.Count * Leading + explanation.Count * SmallLeading, 2 * SmallLeading);
        Need(height, repeatHead: true);

        Page.Text(Iso(line.Period.Start), PeriodStart, y, TextStyle.Small);
        Page.Text(Iso(line.Period.End.PlusDays(-1)), PeriodStart, y + SmallLeading, TextStyle.Small);
        Figure(row.Quantity, PeriodEnd, QuantityEnd);
        Figure(row.UnitPrice, QuantityEnd, PriceEnd);
        Figure(row.Net, PriceEnd, Right);
        var textY = y;
        foreach (var text in description)
        {
            Page.Text(text, Left, textY, TextStyle.Body);
            textY += Leading;
        }
        foreach (var text in explanation)
        {
            Page.Text(text, Left, textY - 1, TextStyle.Small);
            textY += SmallLeading;
        }
        y += height;
        Page.Line(Left, Right, y - 5, 0.5f, TextStyle.Rule);
        y += 9;
    }

    /// <summary>Right in its column, and as small as it must be to stay there: a figure cannot be broken.</summary>
    void Figure(string text, float left, float right)
    {
        var style = TextStyle.Body.Right;
        var width = fonts.Regular.Width(text, style.Size);
        var most = right - left - Gap;
        Page.Text(text, right, y, width > most ? style with { Size = style.Size * most / width } : style);
    }

    void Taxes()
    {
        var groups = invoice.Taxes
            .GroupBy(tax => (tax.Jurisdiction, tax.Name, tax.Category, tax.RatePercent, tax.Exemption))
            .OrderBy(group => group.Key.Jurisdiction, StringComparer.Ordinal)
            .ThenByDescending(group => group.Key.RatePercent)
            .ToList();
        Need((groups.Count + 2) * Leading + 80, repeatHead: false);
        y += 8;
        Page.Text("TAX", PeriodStart, y, TextStyle.Label);
        Page.Text("ON", PriceEnd, y, TextStyle.Label.Right);
        Page.Text("AMOUNT", Right, y, TextStyle.Label.Right);
        y += Leading;
        foreach (var group in groups)
        {
            Need(Leading, repeatHead: false);
            Page.Text(Composed($"{group.Key.Name} ({group.Key.Jurisdiction})"), PeriodStart, y, TextStyle.Body);
            Page.Text(Amount(group.Sum(tax => tax.BaseMinor)), PriceEnd, y, TextStyle.Body.Right);
            Page.Text(Amount(group.Sum(tax => tax.AmountMinor)), Right, y, TextStyle.Body.Right);
            y += Leading;
            foreach (var text in Wrap(Composed(group.Key.Exemption ?? ""), TextStyle.Small, Right - PeriodStart))
            {
                Page.Text(text, PeriodStart, y, TextStyle.Small);
                y += SmallLeading;
            }
        }
    }

    void Totals()
    {
        Need(64, repeatHead: false);
        Page.Line(PeriodStart, Right, y - 4, 0.5f, TextStyle.Rule);
        y += 10;
        Total("Net", invoice.NetMinor, TextStyle.Body, Leading + 2);
        Total("Tax", invoice.TaxMinor, TextStyle.Body, Leading + 6);
        Page.Line(PeriodStart, Right, y - 11, 1.2f, TextStyle.Accent);
        y += 6;
        Total("Total due", invoice.NetMinor + invoice.TaxMinor, TextStyle.Sum, Leading);
    }

    void Total(string name, long minor, TextStyle style, float advance)
    {
        Page.Text(name, PeriodStart, y, style);
        Page.Text($"{Amount(minor)} {invoice.Currency}", Right, y, style.Right);
        y += advance;
    }

    void Feet()
    {
        for (var i = 0; i < pages.Count; i++)
        {
            pages[i].Line(Left, Right, PdfPage.Height - 50, 0.5f, TextStyle.Rule);
            pages[i].Text(Composed($"{invoice.Seller.Name}, invoice {number}"), Left, PdfPage.Height - 36, TextStyle.Small);
            pages[i].Text($"Page {i + 1} of {pages.Count}", Right, PdfPage.Height - 36, TextStyle.Small.Right);
        }
    }

    /// <summary>Breaks a text at spaces, and a word that is too long wherever it must be.</summary>
    List<string> Wrap(string text, TextStyle style, float width)
    {
        var font = style.IsBold ? fonts.Bold : fonts.Regular;
        var lines = new List<string>();
        var line = "";
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words.SelectMany(word => Pieces(word, font, style.Size, width)))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length == 0 || font.Width(longer, style.Size) <= width)
            {
                line = longer;
                continue;
            }
            lines.Add(line);
            line = word;
        }
        if (line.Length > 0)
            lines.Add(line);
        return lines;
    }

    static IEnumerable<string> Pieces(string word, PdfFont font, float size, float width)
    {
        while (font.Width(word, size) > width && word.Length > 1)
        {
            var length = word.Length - 1;
            while (length > 1 && font.Width(word[..length], size) > width)
                length--;
            if (char.IsHighSurrogate(word[length - 1]))
                length = Math.Max(2, length - 1);
            yield return word[..length];
            word = word[length..];
        }
        yield return word;
    }

    string Amount(long minor) => InvoiceRow.Amount(minor, invoice.Currency);

    static string Iso(LocalDate date) => date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);

    static string Days(DateRange days) => $"{Iso(days.Start)} to {Iso(days.End.PlusDays(-1))}";

    static string Composed(string text) => PdfFonts.Composed(text);
}
