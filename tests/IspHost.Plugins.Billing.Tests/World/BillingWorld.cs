using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Contracts;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Usage;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Billing on a real database, with everything else in memory, and time that is set by the test.</summary>
sealed class BillingWorld : IAsyncDisposable
{
    readonly ServiceProvider services;

    BillingWorld(TestDatabase database, Shop shop, TenantDatabase<BillingDb> billing)
    {
        Database = database;
        Shop = shop;
        Billing = billing;
        Jobs = new(() => services!.GetRequiredService<BillRunJob>());
        services = BillingPlugin.AddParts(new ServiceCollection(), new())
            .AddLogging()
            .AddSingleton(Billing)
            .AddSingleton(database.OfPlugin("billing"))
            .AddSingleton<ITenants>(shop)
            .AddSingleton<ICustomers>(shop)
            .AddSingleton<IContracts>(shop)
            .AddSingleton<IUsage>(shop)
            .AddSingleton<IExtensions>(Extensions)
            .AddSingleton<IJobs>(Jobs)
            .AddSingleton<BillRunJob>()
            .AddSingleton<InvoiceMail>()
            .AddSingleton<BillRunPanel>()
            .BuildServiceProvider();
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public TestDatabase Database { get; }

    public Shop Shop { get; }

    public TenantId Tenant => Shop.Tenant.Id;

    public TenantDatabase<BillingDb> Billing { get; }

    /// <summary>With the rights of the host, which sees its own tables as well.</summary>
    public TenantDatabase<BillingDb> Host => Database.Of<BillingDb>(options => new BillingDb(options));

    public Extensions Extensions { get; } = new();

    public FakeJobs Jobs { get; }

    public T Get<T>() where T : class => services.GetRequiredService<T>();

    public static async Task<BillingWorld> OpenAsync(PostgresFixture postgres, string currency = "EUR", string zone = "Europe/Athens")
    {
        var database = await postgres.CreateAsync(("billing", typeof(BillingPlugin).Assembly));
        return new(
            database, await ShopAsync(database, "acme", currency, zone),
            database.Of<BillingDb>(options => new BillingDb(options), database.OfPlugin("billing")));
    }

    /// <summary>Several tenants of one database, whose billing has so many connections in all. The first world owns the database.</summary>
    public static async Task<BillingWorld[]> OpenManyAsync(PostgresFixture postgres, int tenants, int connections)
    {
        var database = await postgres.CreateAsync(("billing", typeof(BillingPlugin).Assembly));
        var billing = database.Of<BillingDb>(options => new BillingDb(options), connections);
        var worlds = new BillingWorld[tenants];
        for (var i = 0; i < tenants; i++)
        {
            var shop = await ShopAsync(database, $"tenant-{i}", "EUR", "Europe/Athens");
            worlds[i] = new(database, shop, billing);
        }
        return worlds;
    }

    static async Task<Shop> ShopAsync(TestDatabase database, string code, string currency, string zone) => new(new()
    {
        Id = await database.AddTenantAsync(code, currency, zone),
        Code = code,
        LegalName = "Acme Networks Ltd",
        Address = ["7 Cable Road", "54321 Port"],
        TaxNumber = "EL123456789",
        Country = "GR",
        Currency = Currency.Of(currency),
        Zone = DateTimeZoneProviders.Tzdb[zone],
        TaxEngine = "vat",
    });

    /// <summary>The clock goes to the first of the month after, and the run of the month goes to its end.</summary>
    public async Task<RunView> BillAsync(string period)
    {
        var month = Month(period);
        Shop.Clock = month.End.At(new LocalTime(6, 0)).InZoneLeniently(Shop.Tenant.Zone).ToInstant();
        await Get<BillRuns>().StartAsync(Tenant, month, Stop);
        await Jobs.RunAllAsync(Stop);
        return (await Get<BillRuns>().FindAsync(Tenant, month, Stop))!;
    }

    public async Task<RunView> RetryAsync(string period)
    {
        var month = Month(period);
        await Get<BillRuns>().RetryAsync(Tenant, month, Stop);
        await Jobs.RunAllAsync(Stop);
        return (await Get<BillRuns>().FindAsync(Tenant, month, Stop))!;
    }

    static DateRange Month(string period)
        => BillRun.TryParsePeriod(period, out var month) ? month.Value : throw new ArgumentException("Not a month.", nameof(period));

    /// <summary>All invoices in the order of their numbers.</summary>
    public async Task<IReadOnlyList<IssuedInvoice>> InvoicesAsync()
    {
        var reader = Get<InvoiceReader>();
        return await Billing.OnConnectionAsync(Tenant, async (connection, stop) =>
        {
            var ids = await connection.ReadAsync(
                "select invoice_id from billing.invoice_number order by number", [], row => row.GetGuid(0), stop);
            var invoices = new List<IssuedInvoice>();
            foreach (var id in ids)
                invoices.Add((await reader.FindAsync(connection, Tenant, id, stop))!);
            return invoices;
        }, Stop);
    }

    /// <summary>The lines of all invoices as text: description, days, net.</summary>
    public async Task<string[]> LinesAsync()
        =>
        [
            .. (await InvoicesAsync()).SelectMany(issued => issued.Invoice.Lines)
                .Select(line => $"{line.Description} {line.Period} {line.NetMinor}"),
        ];

    public async Task<InvoiceIssued[]> EventsAsync()
    {
        var bodies = await Host.OnConnectionAsync(Tenant, (connection, stop) => connection.ReadAsync(
            "select body::text from host.outbox where kind = 'invoice.issued' order by body ->> 'number'",
            [], row => row.GetString(0), stop), Stop);
        return [.. bodies.Select(body => JsonSerializer.Deserialize<InvoiceIssued>(body, SdkJson.NewOptions())!)];
    }

    public async Task HoldsAsync()
    {
        var report = await CheckAsync();
        Assert.Empty(report.Invariants.Where(invariant => invariant.Violations > 0).Select(invariant => invariant.Name));
        Assert.True(report.Holds);
    }

    public Task<BooksReport> CheckAsync()
        => Get<LargeReads>().ReadAsync(Tenant, (connection, stop) => Books.CheckAsync(connection, Tenant, stop), Stop)!;

    /// <summary>Runs a statement as the application does.</summary>
    public Task<int> ExecuteAsync(string sql)
        => Billing.OnConnectionAsync(Tenant, (connection, stop) => connection.ExecuteAsync(sql, [], stop), Stop);

    /// <summary>Runs a statement as the superuser, behind the back of everything.</summary>
    public async Task TamperAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Database.OwnerConnection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Database.DisposeAsync();
    }
}
