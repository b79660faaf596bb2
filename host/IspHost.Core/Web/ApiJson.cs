using System.Text.Json;
using IspHost.Sdk;

namespace IspHost.Core.Web;

/// <summary>The JSON of the API.</summary>
static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = SdkJson.NewOptions();

    /// <summary>Makes options that the framework owns write the same JSON.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = Options.PropertyNamingPolicy;
        options.DefaultIgnoreCondition = Options.DefaultIgnoreCondition;
        foreach (var converter in Options.Converters)
            options.Converters.Add(converter);
        options.Converters.Add(new PlainText());
    }
}
