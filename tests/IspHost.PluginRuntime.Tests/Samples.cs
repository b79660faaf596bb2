using IspHost.Sdk.Notifications;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Taxes;
using NodaTime;

namespace IspHost.PluginRuntime.Tests;

/// <summary>What tests call plugins with.</summary>
static class Samples
{
    public static TenantId Tenant { get; } = TenantId.New();

    public static AccessProfile Profile { get; } = new() { Up = BitRate.FromKilobits(1_000), Down = BitRate.FromKilobits(8_000) };

    public static TaxDocument Document(string taxClass) => new()
    {
        Tenant = Tenant,
        Seller = new TaxParty { Country = "GR" },
        Buyer = new TaxParty { Country = "GR" },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 11, 1),
        Lines = [new TaxableLine { Id = "1", Net = new Money(10m, Currency.Of("EUR")), TaxClass = taxClass }],
    };

    public static Notification Message(string text, TenantId? tenant = null) => new()
    {
        Tenant = tenant ?? Tenant,
        Key = "key",
        To = "someone",
        From = "tenant",
        Subject = "subject",
        Text = text,
    };
}
