using CustomGateway;
using FlatRating;
using HelloFlags;
using HelloNas;
using HelloNotification;
using HelloTax;
using IspHost.Sdk.Flags;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Payments;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>Each sample meets the requirements of its extension point.</summary>
public sealed class SampleTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Requirements => [.. Suites("none")
        .SelectMany(sample => sample.Value.Requirements.Select(requirement => (sample.Key, requirement)))];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string sample, string requirement)
        => Suites(folder.Path)[sample].CheckAsync(requirement, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Each_plugin_offers_its_extension()
    {
        Assert.NotNull(await Offered<ITaxEngine>(new HelloTaxPlugin(), "hello-tax", ("Percent", "17.5")));
        Assert.NotNull(await Offered<IRatingRule>(new FlatRatingPlugin(), "flat"));
        Assert.NotNull(await Offered<IPaymentGateway>(new CustomGatewayPlugin(), "custom-gateway", ("Address", "http://localhost:1/"),
            ("ApiKey", "k")));
        Assert.NotNull(await Offered<INasVendor>(new HelloNasPlugin(), "hello-nas"));
        var flags = FakePluginBuilder.Of(new HelloFlagsPlugin());
        flags.Services.AddSingleton<ITenants>(FlagSuite.Tenants);
        await using var container = flags.Build();
        Assert.NotNull(flags.Extension<IFlagFilter>(container, "tenant-country"));
        Assert.NotNull(await Offered<INotificationChannel>(new HelloNotificationPlugin(), "pigeonhole", ("Folder", folder.Path)));
    }

    // begin test-your-plugin
    [Fact]
    public async Task The_setting_is_the_rate()
    {
        var plugin = FakePluginBuilder.Of(new HelloTaxPlugin(), ("Percent", "17.5"));
        await using var container = plugin.Build();
        var engine = plugin.Extension<ITaxEngine>(container, "hello-tax");

        var quote = await engine.QuoteAsync(OneLine(10_00), TestContext.Current.CancellationToken);

        var tax = Assert.Single(Assert.IsType<TaxQuote.Quoted>(quote).Taxes);
        Assert.Equal(Money.FromMinor(1_75, Currency.Of("EUR")), tax.Amount);
    }
    // end test-your-plugin

    public void Dispose() => folder.Dispose();

    static async Task<TPoint> Offered<TPoint>(IPlugin plugin, string name, params (string, string)[] settings) where TPoint : class
    {
        var builder = FakePluginBuilder.Of(plugin, settings);
        await using var container = builder.Build();
        return builder.Extension<TPoint>(container, name);
    }

    static TaxDocument OneLine(long minor) => new()
    {
        Tenant = TenantId.New(),
        Seller = new TaxParty { Country = "GR" },
        Buyer = new TaxParty { Country = "GR" },
        Currency = Currency.Of("EUR"),
        TaxPoint = new LocalDate(2026, 10, 31),
        Lines = [new TaxableLine { Id = "1", Net = Money.FromMinor(minor, Currency.Of("EUR")), TaxClass = "standard" }],
    };

    static Dictionary<string, ConformanceSuite> Suites(string folder) => new()
    {
        ["HelloTax"] = TaxSuite.Suite,
        ["FlatRating"] = RatingSuite.Suite,
        ["CustomGateway"] = PaymentSuite.New(),
        ["HelloNas"] = NasSuite.Suite,
        ["HelloFlags"] = FlagSuite.Suite,
        ["HelloNotification"] = NotificationSuite.In(folder),
    };
}

public sealed class TaxSuite
{
    // begin tax-suite
    public static readonly ConformanceSuite Suite = TaxEngineConformance.For(() => new FlatTax(20m));

    public static TheoryData<string> Requirements => [.. Suite.Requirements];

    [Theory, MemberData(nameof(Requirements))]
    public Task Conforms(string requirement) => Suite.CheckAsync(requirement, TestContext.Current.CancellationToken);
    // end tax-suite
}

static class RatingSuite
{
    // begin rating-suite
    public static readonly ConformanceSuite Suite = RatingRuleConformance.For(() => new FlatRate());
    // end rating-suite
}

static class NasSuite
{
    // begin nas-suite
    public static readonly ConformanceSuite Suite = NasVendorConformance.For(() => new WisprNas("http://portal.example/pay"));
    // end nas-suite
}

static class FlagSuite
{
    // begin flag-suite
    public static readonly FakeTenants Tenants = new(Instant.FromUtc(2026, 10, 1, 0, 0));

    public static readonly ConformanceSuite Suite = For(() => new TenantCountry(Tenants));

    public static ConformanceSuite For(Func<IFlagFilter> create) => FlagFilterConformance.For(create, new FlagFilterCases
    {
        Met = Asking("GR"),
        Unmet = Asking("CY"),
    });

    public static FlagFilterRequest Asking(string argument) => new()
    {
        Tenant = Athens.Id,
        Groups = ["tenant:athens", "plan:home"],
        Flag = "new-tariff",
        Argument = argument,
        Now = Tenants.Time,
    };
    // end flag-suite

    static Tenant Athens => Tenants.All is [var known, ..] ? known : Tenants.Add("athens");
}

static class PaymentSuite
{
    // begin payment-suite
    public static ConformanceSuite New()
    {
        var bank = new FakeBank();
        return PaymentGatewayConformance.For(() => new Gateway(bank.NewClient()), new PaymentCases
        {
            GoodMethod = "card_good",
            DeclinedMethod = "card_empty",
            Taken = (tenant, key, _) => ValueTask.FromResult(bank.Taken(tenant, key)),
            AnswersLost = () => new Gateway(bank.NewClient(losesAnswers: true)),
        });
    }
    // end payment-suite
}

static class NotificationSuite
{
    // begin notification-suite
    public static ConformanceSuite In(string folder)
    {
        if (Directory.Exists(folder))
            Directory.CreateDirectory(Path.Combine(folder, "demo"));
        return NotificationChannelConformance.For(() => new Pigeonholes(folder), new NotificationCases
        {
            To = "demo",
            RefusedTo = "nobody",
            Delivered = stop => LettersAsync(folder, stop),
            Unreachable = () => new Pigeonholes(Path.Combine(folder, "gone")),
        });
    }
    // end notification-suite

    static async ValueTask<IReadOnlyList<DeliveredMessage>> LettersAsync(string folder, CancellationToken stop)
    {
        var letters = new List<DeliveredMessage>();
        foreach (var file in new DirectoryInfo(folder).GetFiles("*.json", SearchOption.AllDirectories).OrderBy(file
            => file.LastWriteTimeUtc))
        {
            await using var stream = file.OpenRead();
            var letter = (await System.Text.Json.JsonSerializer.DeserializeAsync(stream, LetterJson.Default.Letter, stop))!;
            letters.Add(new DeliveredMessage
            {
                Id = file.Name,
                Recipients = [file.Directory!.Name],
                Subject = letter.Subject,
                Text = letter.Text,
                Attachments = [.. letter.Files.Select(f
                    => new Attachment { FileName = f.Name, ContentType = f.ContentType, Content = f.Content })],
            });
        }
        return letters;
    }
}

sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("isphost-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
