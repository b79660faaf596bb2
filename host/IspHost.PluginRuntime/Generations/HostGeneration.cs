using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>What the host itself offers, in the form of a generation: callers cannot tell the difference.</summary>
static class HostGeneration
{
    static readonly PluginManifest Manifest = new()
    {
        Id = "host",
        Name = "IspHost",
        Version = new NuGetVersion(typeof(HostGeneration).Assembly.GetName().Version!),
        Sdk = VersionRange.All,
        Assembly = "",
        Entry = "",
    };

    public static Generation Of(Offer offer)
    {
        var generation = new Generation(1, Manifest);
        var offers = new Offer?[offer.Slot.Number + 1];
        offers[offer.Slot.Number] = offer;
        generation.Fill(offers, []);
        return generation;
    }
}
