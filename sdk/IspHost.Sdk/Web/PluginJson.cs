using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Sdk.Web;

/// <summary>What the endpoints of a plugin read and write.</summary>
public static class PluginJson
{
    /// <summary>Has the plugin's endpoints read and write JSON by what the compiler generated.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="context">
    /// Its <c>Default</c>. It names every type that an endpoint takes as its body or returns; the host brings the platform's options along.
    /// </param>
    public static IPluginBuilder UseJson(this IPluginBuilder plugin, JsonSerializerContext context)
    {
        plugin.Services.Configure<JsonOptions>(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, context));
        return plugin;
    }
}
