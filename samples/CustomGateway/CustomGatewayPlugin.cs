using System.Net.Http.Headers;
using IspHost.Sdk;
using IspHost.Sdk.Payments;
using Microsoft.Extensions.DependencyInjection;

namespace CustomGateway;

/// <summary>Offers the payment extension <c>custom-gateway</c>, with the settings <c>Address</c> and <c>ApiKey</c>.</summary>
public sealed class CustomGatewayPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        var address = new Uri(plugin.Settings["Address"]
            ?? throw new InvalidOperationException("Setting Address: the provider's URL is missing."));
        var key = plugin.Settings["ApiKey"] ?? throw new InvalidOperationException("Setting ApiKey: the provider's key is missing.");

        // The container makes the client and disposes it with the plugin: connections must not outlive a generation.
        plugin.Services.AddSingleton(_ => NewClient(address, key));
        plugin.AddExtension<IPaymentGateway, Gateway>("custom-gateway");
    }

    static HttpClient NewClient(Uri address, string key)
        => new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(15), // Less than the point's deadline of 20 s, so that we know which of the two it was.
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
}
