using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using IspHost.Core.Tenants;
using IspHost.Server.Client;
using IspHost.Server.Commands;
using IspHost.Server.Demo;
using IspHost.Simulator;
using NodaTime;

namespace IspHost.Server.Tests;

/// <summary>A provider whose clock stands in October 2026, with an access server at 127.0.0.1 and subscribers of one plan.</summary>
sealed class Provider(DemoIsp isp, int subscribers)
{
    public const string Period = "2026-10";

    /// <summary>The number of the session that asks whether somebody is known.</summary>
    const int Knock = 0xFF_FFFF;

    static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["Europe/Athens"];

    public string Code => isp.Code;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="api">The server's.</param>
    /// <param name="subscribers">How many.</param>
    /// <param name="which">The first of the demo's providers, or the second one, whose access server is at 127.0.0.2.</param>
    public static Task<Provider> CreateAsync(ApiClient api, int subscribers, int which = 0)
        => CreateAsync(api, subscribers, DemoIsp.Both[which]);

    /// <summary>Another one like the first of the demo's, whose access server has the address 127.1.0.n.</summary>
    public static Task<Provider> CreateNumberedAsync(ApiClient api, int subscribers, byte number)
        => CreateAsync(api, subscribers, DemoIsp.Both[0] with { Code = $"isp-{number}", Nas = new IPAddress([127, 1, 0, number]) });

    static async Task<Provider> CreateAsync(ApiClient api, int subscribers, DemoIsp like)
    {
        var isp = like with { Customers = [] };
        await new DemoSetup(api).CreateAsync(isp, At(2026, 10, 1, 0), Stop);
        var provider = new Provider(isp, subscribers);
        await provider.ImportAsync(api);
        await provider.SetClockAsync(api, At(2026, 10, 20, 12));
        return provider;
    }

    /// <summary>Ends the month, so that it can be billed.</summary>
    public Task EndMonthAsync(ApiClient by) => SetClockAsync(by, At(2026, 11, 2, 6));

    Task<TenantView> SetClockAsync(ApiClient by, Instant now)
        => by.PutAsync<TenantView>($"tenants/{Code}/clock", null, new ClockTime(now), Stop);

    /// <summary>An access server of this node, once the node has heard of every subscriber from the database.</summary>
    /// <param name="ports">The node's.</param>
    /// <param name="reportsAgainAfter">After how long it repeats an Accounting-Request that was not answered; null: never.</param>
    public async Task<SimulatedNas> AccessServerAsync(ServerPorts ports, TimeSpan? reportsAgainAfter = null)
    {
        using (var first = new SimulatedNas(isp.Nas, isp.Secret, ports.RadiusAuth, ports.RadiusAcct))
        {
            for (var subscriber = 0; subscriber < subscribers; subscriber++)
            {
                for (var patience = 100; !await first.PlayAsync(Session(subscriber, Knock), Stop); patience--)
                {
                    Assert.True(patience > 0, $"The node does not come to know {UserName(subscriber)}.");
                    await Task.Delay(50, Stop);
                }
            }
        }
        return new SimulatedNas(isp.Nas, isp.Secret, ports.RadiusAuth, ports.RadiusAcct) { ReportsAgainAfter = reportsAgainAfter };
    }

    /// <summary>An hour by the clocks of the provider.</summary>
    public static Instant At(int year, int month, int day, int hour)
        => Zone.AtLeniently(new LocalDateTime(year, month, day, hour, 0)).ToInstant();

    /// <summary>A session of a subscriber, different for each number.</summary>
    public static SimulatedSession Session(int subscriber, int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"{subscriber:X4}{number:X6}"), UserName(subscriber), Password(subscriber),
        (uint)subscriber,
        At(2026, 10, 20, 10), Seconds: 3600, Up: 90_000_000 + number, Down: 1_000_000_000 + number, Reports: 3);

    /// <summary>What the server says of all its invoices, page by page.</summary>
    public async Task<IReadOnlyList<JsonElement>> InvoicesAsync(ApiClient from)
    {
        var invoices = new List<JsonElement>();
        for (string? after = ""; after is not null;)
        {
            var page = await from.GetAsync<JsonElement>($"invoices?limit=500{after}", Code, Stop);
            invoices.AddRange(page.GetProperty("items").EnumerateArray());
            after = page.TryGetProperty("next", out var next) ? $"&cursor={next.GetString()}" : null;
        }
        return invoices;
    }

    static string UserName(int subscriber) => string.Create(CultureInfo.InvariantCulture, $"subscriber-{subscriber}");

    static string Password(int subscriber) => string.Create(CultureInfo.InvariantCulture, $"secret-{subscriber}");

    async Task ImportAsync(ApiClient api)
    {
        var file = new StringBuilder("username,password,plan\n");
        for (var i = 0; i < subscribers; i++)
            file.Append(UserName(i)).Append(',').Append(Password(i)).Append(',').Append(isp.Plans[0].Code).Append('\n');
        var import = await ImportCommand.ImportAsync(api, Code, file.ToString(), _ => { }, Stop);
        Assert.Equal((subscribers, 0), (import.Imported, import.Refused));
    }
}
