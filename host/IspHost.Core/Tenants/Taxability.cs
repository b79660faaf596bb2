using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using IspHost.Sdk.Tenants;
using NodaTime;

namespace IspHost.Core.Tenants;

/// <summary>Whether what is about to be made could ever be taxed: asked of the tax engine before anybody depends on it.</summary>
sealed class Taxability(IExtensions extensions)
{
    /// <param name="tenant">Who sells.</param>
    /// <param name="taxClass">What is sold; null to ask about the seller alone.</param>
    /// <param name="now">From when on.</param>
    /// <param name="stop">Stops the question.</param>
    /// <returns>What is wrong; null if nothing is known to be.</returns>
    public async Task<TaxQuote.Refused?> FindObjectionAsync(
        Tenant tenant, string? taxClass, Instant now, CancellationToken stop)
    {
        if (extensions.Find<ITaxEngine>(tenant.TaxEngine) is not { } engine)
            return new("tax_engine", $"No plugin offers a tax engine '{tenant.TaxEngine}'.");
        try
        {
            return await engine.FindObjectionAsync(
                new TaxTerms
                {
                    Tenant = tenant.Id,
                    Seller = new() { Country = tenant.Country, TaxNumber = tenant.TaxNumber },
                    TaxClass = taxClass,
                    Day = now.InZone(tenant.Zone).Date,
                },
                stop);
        }
        // An engine that does not answer knows of nothing: the bill run asks again, and what it refuses then is put aside.
        catch (Exception e) when (e is TimeoutException or ExtensionUnavailableException or ExtensionFailedException)
        {
            return null;
        }
    }
}
