using System.Security.Cryptography;
using System.Text;
using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The hash is part of the books: an invoice of ten years ago must still have the one that it was issued with.</summary>
public sealed class ContentHashTests
{
    static readonly Guid Id = Guid.Parse("01990000-0000-7000-8000-000000000001");

    [Fact]
    public void An_invoice_is_hashed_field_by_field_each_with_its_length_in_front()
    {
        const string text = """
            36:01990000-0000-7000-8000-000000000001;36:01990000-0000-7000-8000-000000000001;3:EUR;21:2026-10-01/2026-11-01;
            25:Saturday, 31 October 2026;24:Sunday, 01 November 2026;24:Sunday, 15 November 2026;
            4:Acme;2:GR;-:;19:7 Cable Road
            1 Port;
            14:ACME-0000001-7;3:Zoë;2:GR;9:EL1234567;13:1 High Street;
            1:1;9:recurring;36:01990000-0000-7000-8000-000000000001;36:01990000-0000-7000-8000-000000000001;5:Fiber;
            21:2026-10-01/2026-11-01;1:0;1:1;8:interval;4:29.9;2:10;2:31;3:965;8:standard;9:recurring;-:;-:;0:;1:0;
            1:1;2:GR;3:VAT;1:S;2:24;3:965;3:232;-:;
            """;

        Assert.Equal(
            Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.Replace(";\n", ";", StringComparison.Ordinal)))),
            Convert.ToHexString(ContentHash.Of(TenDaysOfFiber())));
    }

    static Invoice TenDaysOfFiber() => new()
    {
        Id = Id,
        Customer = new(Id),
        Currency = Currency.Of("EUR"),
        Period = new(new(2026, 10, 1), new(2026, 11, 1)),
        TaxPoint = new(2026, 10, 31),
        IssuedOn = new(2026, 11, 1),
        DueOn = new(2026, 11, 15),
        Seller = new("Acme", ["7 Cable Road", "1 Port"], "GR", null),
        Buyer = new("ACME-0000001-7", "Zoë", ["1 High Street"], "GR", "EL1234567"),
        Lines =
        [
            new()
            {
                LineNo = 1,
                Component = Component.Recurring,
                Subscription = new(Id),
                Version = new(Id),
                Description = "Fiber",
                Period = new(new(2026, 10, 1), new LocalDate(2026, 11, 1)),
                Sequence = 0,
                Quantity = 1.000m,
                Unit = "interval",
                UnitPrice = 29.90m,
                Part = new(10, 31),
                NetMinor = 965,
                TaxClass = "standard",
                Rule = "recurring",
                RuleHash = null,
                InputsDigest = null,
                Explanation = "",
                Bytes = 0,
                Taxes = [new(1, 1, "GR", "VAT", "S", 24.0m, 965, 232, null)],
            },
        ],
    };
}
