using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace FlatRating;

/// <summary>Offers the rating extension <c>flat</c>.</summary>
public sealed class FlatRatingPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin) => plugin.AddExtension<IRatingRule, FlatRate>("flat");
}
