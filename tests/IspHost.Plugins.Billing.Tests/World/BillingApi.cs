using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Customers;
using IspHost.Sdk.Data;
using IspHost.Sdk.Tenants;
using IspHost.Sdk.Testing;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The plugin's endpoints on a port of this machine, as the host would offer them to one tenant's key.</summary>
sealed class BillingApi(WebApplication app, HttpClient client, FakeAnswers answers) : IAsyncDisposable
{
    public FakeAnswers Answers { get; } = answers;

    public static async Task<BillingApi> OpenAsync(BillingWorld world, LargeReads? reads = null)
    {
        var answers = new FakeAnswers();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton(world.Billing)
            .AddSingleton(world.Get<BillRuns>())
            .AddSingleton(world.Get<InvoiceReader>())
            .AddSingleton(world.Get<Documents>())
            .AddSingleton(world.Get<Mailing>())
            .AddSingleton(world.Get<MailAttempts>())
            .AddSingleton(reads ?? world.Get<LargeReads>())
            .AddSingleton<IAnswers>(answers)
            .AddSingleton<ICustomers>(world.Shop)
            .AddSingleton<ICurrentTenant>(new Caller(world.Tenant))
            .AddPluginApi(FakePluginBuilder.Of(new BillingPlugin()).Services);
        var app = builder.Build();
        BillingPlugin.Map(app.MapPluginApi());
        await app.StartAsync(BillingWorld.Stop);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(app, new() { BaseAddress = new($"{address}/api/v1/") }, answers);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => client.GetAsync(new Uri(path, UriKind.Relative), BillingWorld.Stop);

    public async Task<HttpResponseMessage> PostAsync(string path, string json, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        return await client.SendAsync(request, BillingWorld.Stop);
    }

    public async Task<JsonElement> JsonAsync(string path)
        => await client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), BillingWorld.Stop);

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.DisposeAsync();
    }

    sealed class Caller(TenantId tenant) : ICurrentTenant
    {
        public TenantId Id { get; } = tenant;

        public string Actor => "key:test";
    }
}
