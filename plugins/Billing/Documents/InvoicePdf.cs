using SkiaSharp;

namespace IspHost.Plugins.Billing;

/// <summary>Draws an invoice as a PDF.</summary>
static class InvoicePdf
{
    public static byte[] Render(IssuedInvoice issued)
    {
        var (invoice, number) = (issued.Invoice, issued.Number);
        using var fonts = new PdfFonts(Texts(invoice).Select(PdfFonts.Composed));
        var pages = new InvoiceLayout(invoice, number, fonts).Build();

        // Skia's own stream, not .NET's: native code then keeps no pointer into this plugin, which may be unloaded.
        using var stream = new SKDynamicMemoryWStream();
        var about = new SKDocumentPdfMetadata { Title = $"Invoice {number}", Author = invoice.Seller.Name, Creator = "IspHost" };
        using (var document = SKDocument.CreatePdf(stream, about))
        {
            foreach (var page in pages)
            {
                using var canvas = document.BeginPage(PdfPage.Width, PdfPage.Height);
                page.Draw(canvas, fonts);
                document.EndPage();
            }
            document.Close();
        }
        using var data = stream.DetachAsData();
        return data.ToArray();
    }

    /// <summary>Everything on the invoice that was not written by us.</summary>
    static IEnumerable<string> Texts(Invoice invoice)
    {
        var (seller, buyer) = (invoice.Seller, invoice.Buyer);
        return invoice.Lines
            .SelectMany(line => new[] { line.Description, line.Explanation })
            .Concat(invoice.Taxes.SelectMany(tax => new[] { tax.Name, tax.Jurisdiction, tax.Exemption ?? "" }))
            .Concat(seller.Address)
            .Concat(buyer.Address)
            .Concat([seller.Name, seller.TaxNumber ?? "", buyer.Name, buyer.PortalId, buyer.TaxNumber ?? "", buyer.Country]);
    }
}
