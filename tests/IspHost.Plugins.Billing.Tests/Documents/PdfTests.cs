using System.Globalization;
using IspHost.Sdk;
using IspHost.Sdk.Rating;
using IspHost.Testing;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;

namespace IspHost.Plugins.Billing.Tests;

public sealed class PdfTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_document_says_what_the_ledger_says()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        var customer = world.Shop.Register();
        var version = world.Shop.Sign(customer, Terms.From(2026, 10, 11, anchor: new(2026, 10, 1), usage: Terms.Metered()));
        world.Shop.Use(version.Subscription, new(2026, 10, 20), 2_345);
        await world.BillAsync("2026-10");
        var invoice = Assert.Single(await world.InvoicesAsync()).Invoice;

        var document = await world.Get<Documents>().GetAsync(world.Tenant, invoice.Id, BillingWorld.Stop);
        var text = Assert.Single(Pages(document!.Body));

        var ledger = await world.Billing.OnConnectionAsync(
            world.Tenant, (connection, stop) => Balances.OfAsync(connection, world.Tenant, customer.Id, stop), BillingWorld.Stop);
        Assert.Equal("invoice-A-0000001.pdf", document.FileName);
        Assert.Equal(["1479.10 EUR"], ledger.Balances.Select(balance => balance.ToString()));
        Assert.Contains("Total due 1,479.10 EUR", text, StringComparison.Ordinal);
        Assert.All(
            [
                "Acme Networks Ltd", "Tax no. EL123456789", "Ada Lovelace", "ACME-0000001-3", "A-0000001", "2026-11-01", "2026-11-15",
                "Fiber 100", "21 of 31 days in service: 21/31 of the price", "2,345 GB", "2345 GB at 0.5", "VAT 24 % (GR)", "Page 1 of 1",
            ],
            expected => Assert.Contains(expected, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Zoë Müller-Łukasiewicz", "Straße der Ökonomie 5")]
    [InlineData("Ελένη Παπαδοπούλου", "Οδός Ερμού 12, Αθήνα")]
    [InlineData("Наталія Їжакевич", "вулиця Хрещатик, 1")]
    [InlineData("Nguyễn Văn Đức", "Phố Huế 7")]
    public void A_name_can_be_read_and_copied_in_its_own_letters(string name, string street)
    {
        var text = Assert.Single(Pages(InvoicePdf.Render(Invoice(1, name, street))));

        Assert.Contains(name, text, StringComparison.Ordinal);
        Assert.Contains(street, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_letter_with_a_loose_accent_is_drawn_as_one()
        => Assert.Contains("Zo\u00eb", Assert.Single(Pages(InvoicePdf.Render(Invoice(1, "Zoe\u0308", "x")))), StringComparison.Ordinal);

    [Fact]
    public void A_hundred_lines_go_over_pages_that_repeat_the_head_of_the_table()
    {
        var pages = Pages(InvoicePdf.Render(Invoice(100)));

        Assert.Equal(6, pages.Length);
        for (var i = 0; i < pages.Length; i++)
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Page {i + 1} of 6"), pages[i], StringComparison.Ordinal);
        Assert.All(pages.Take(5), page => Assert.Contains("DESCRIPTION", page, StringComparison.Ordinal));
        Assert.All(Enumerable.Range(1, 100), i => Assert.Equal(1, Count(string.Join('\n', pages), $"Service {i:D3} of many")));
        Assert.Contains("Total due 124.00 EUR", pages[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_word_breaks_and_stays_in_its_column()
    {
        using var document = PdfDocument.Open(InvoicePdf.Render(Invoice(1, description: new string('W', 120))));

        var letters = document.GetPage(1).Letters.Where(letter => letter.Value == "W").ToList();

        Assert.Equal(120, letters.Count);
        Assert.All(letters, letter => Assert.InRange(letter.BoundingBox.Right, 48, 271));
    }

    [Fact]
    public void The_longest_quantity_stays_apart_from_the_dates_and_from_the_price()
    {
        var line = Line(1, "Data") with
        {
            Component = Component.Usage,
            Unit = "GB",
            Quantity = 123_456_789.123456789m,
            UnitPrice = 0.00000001m,
            NetMinor = 123,
        };
        using var document = PdfDocument.Open(InvoicePdf.Render(Invoice(1) with { Invoice = Invoice(1).Invoice with { Lines = [line] } }));

        var words = document.GetPage(1).GetWords().ToList();
        var quantity = words.Single(word => word.Text == "123,456,789.123456789");
        var date = words.Where(word => word.Text == "2026-10-01").MinBy(word => word.BoundingBox.Left)!;
        var price = words.Single(word => word.Text == "0.00000001");

        Assert.True(date.BoundingBox.Right + 4 < quantity.BoundingBox.Left, $"{date.BoundingBox} {quantity.BoundingBox}");
        Assert.True(quantity.BoundingBox.Right + 4 < price.BoundingBox.Left, $"{quantity.BoundingBox} {price.BoundingBox}");
    }

    [Fact]
    public async Task A_line_that_a_script_priced_shows_its_charges_and_no_price_of_a_unit()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Extensions.AddRule("tiers", item => new RatingOutcome.Rated(
            new(200.91m, ["100 GB free", $"{item.Quantity - 100} GB at falling prices: 200.91"])));
        var version = world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered("tiers", rate: 0.6m)));
        world.Shop.Use(version.Subscription, new(2026, 10, 20), 418);
        await world.BillAsync("2026-10");
        var issued = Assert.Single(await world.InvoicesAsync());

        var text = Assert.Single(Pages(InvoicePdf.Render(issued)));

        Assert.Contains("418 GB 200.91", text, StringComparison.Ordinal);
        Assert.Contains("318 GB at falling prices: 200.91", text, StringComparison.Ordinal);
        Assert.DoesNotContain("0.60", text, StringComparison.Ordinal);
        Assert.Null(InvoiceView.Of(issued).Lines.Single(line => line.Component == "usage").UnitPrice);
    }

    [Fact]
    public void Usage_that_its_rule_does_not_explain_names_the_rule()
    {
        var line = Line(1, "Data") with { Component = Component.Usage, Unit = "GB", Quantity = 7, Rule = "tiers", Explanation = "" };

        Assert.Equal(("7 GB", "", "1.00"), (RowOf(line).Quantity, RowOf(line).UnitPrice, RowOf(line).Net));
        Assert.Equal(["Priced by the rule tiers"], RowOf(line).Explanation);
    }

    [Theory]
    [InlineData(101, 1, 1)]
    [InlineData(100, 1, 2)]
    public void A_row_that_does_not_add_up_cannot_be_printed(long netMinor, int numerator, int denominator)
    {
        var line = Line(1, "Fiber") with { NetMinor = netMinor, Part = new(numerator, denominator) };

        var refused = Assert.Throws<InvalidOperationException>(
            () => InvoicePdf.Render(Invoice(1) with { Invoice = Invoice(1).Invoice with { Lines = [line] } }));

        Assert.StartsWith("Line 1 does not add up: 1 at 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fonts_are_cut_down_to_what_the_document_needs()
        => Assert.InRange(InvoicePdf.Render(Invoice(10)).Length, 10_000, 80_000);

    [Fact]
    public async Task A_document_is_drawn_once_and_kept()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");
        var id = (await world.InvoicesAsync())[0].Invoice.Id;

        var bodies = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Task.Run(() => world.Get<Documents>().GetAsync(world.Tenant, id, BillingWorld.Stop), BillingWorld.Stop)));

        Assert.All(bodies, body => Assert.Equal(bodies[0]!.Body, body!.Body));
    }

    [Fact]
    public async Task An_invoice_that_was_tampered_with_gets_no_document()
    {
        await using var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1));
        await world.BillAsync("2026-10");
        await world.TamperAsync("update billing.invoice_line set description = 'Fiber 1000'");

        var id = (await world.InvoicesAsync())[0].Invoice.Id;

        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Get<Documents>().GetAsync(world.Tenant, id, BillingWorld.Stop));
    }

    static string[] Pages(byte[] pdf)
    {
        using var document = PdfDocument.Open(pdf);
        return [.. document.GetPages().Select(page => ContentOrderTextExtractor.GetText(page, true).Replace("\r", ""))];
    }

    static InvoiceRow RowOf(InvoiceLine line) => InvoiceRow.Of(line, Terms.Eur);

    static int Count(string text, string part) => text.Split(part).Length - 1;

    static IssuedInvoice Invoice(
        int lines, string name = "Ada Lovelace", string street = "1 High Street", string? description = null) => new(
        new()
        {
            Id = Guid.NewGuid(),
            Customer = CustomerId.New(),
            Currency = Terms.Eur,
            Period = DateRange.Month(new(2026, 10)),
            TaxPoint = new(2026, 10, 31),
            IssuedOn = new(2026, 11, 1),
            DueOn = new(2026, 11, 15),
            Seller = new("Acme Networks Ltd", ["7 Cable Road"], "GR", "EL123456789"),
            Buyer = new("ACME-0000001-3", name, [street], "GR", null),
            Lines = [.. Enumerable.Range(1, lines).Select(i => Line((short)i, description ?? $"Service {i:D3} of many"))],
        },
        new("A", 42), []);

    static InvoiceLine Line(short no, string description) => new()
    {
        LineNo = no,
        Component = Component.Recurring,
        Subscription = SubscriptionId.New(),
        Version = ContractVersionId.New(),
        Description = description,
        Period = DateRange.Month(new(2026, 10)),
        Sequence = 0,
        Quantity = 1m,
        Unit = "interval",
        UnitPrice = 1m,
        Part = Fraction.Whole,
        NetMinor = 100,
        TaxClass = "standard",
        Rule = "recurring",
        RuleHash = null,
        InputsDigest = null,
        Explanation = "A sentence about it",
        Bytes = 0,
        Taxes = [new(no, 1, "GR", "VAT 24 %", "S", 24m, 100, 24, null)],
    };
}
