using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Events;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Billing;

/// <summary>The entry of the plugin.</summary>
public sealed class BillingPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.AddDatabase<BillingDb>("billing", options => new BillingDb(options))
            .AddJob<BillRunJob>(BillRunJob.Name)
            .AddEventHandler<InvoiceIssued, InvoiceMail>()
            .AddPanel<BillRunPanel>("bill-runs")
            .UseJson(BillingJson.Default)
            .ChangesApi(LineView.NumberRenamed)
            .MapEndpoints(Map);
        AddParts(plugin.Services, Settings(plugin.Settings));
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapBillRuns();
        api.MapInvoices();
        api.MapInvoiceMails();
        api.MapLedger();
    }

    internal static IServiceCollection AddParts(IServiceCollection services, BillingSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton(_ => new BillingJson(SdkJson.NewOptions()))
        .AddSingleton<Invoicing>()
        .AddSingleton<Pieces>()
        .AddSingleton<BillRuns>()
        .AddSingleton<RunViews>()
        .AddSingleton<InvoiceReader>()
        .AddSingleton<Documents>()
        .AddSingleton<LargeReads>()
        .AddSingleton<MailAttempts>()
        .AddSingleton<Mailing>();

    // Read by hand: the configuration binder would cache this type for ever.
    static BillingSettings Settings(IConfiguration section)
        => int.TryParse(section[nameof(BillingSettings.DaysToPay)], out var days) && days >= 0 ? new() { DaysToPay = days } : new();
}
