using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Serialization.SystemTextJson;

namespace IspHost.Sdk;

/// <summary>How the platform writes JSON: snake case, enums by name, NodaTime in ISO form, amounts as strings.</summary>
public static class SdkJson
{
    /// <summary>New options, for a plugin to build its source-generated context with.</summary>
    /// <remarks>
    /// A plugin never serializes its own types by reflection: the runtime would keep those types, and so the plugin, for ever.
    /// </remarks>
    public static JsonSerializerOptions NewOptions() => new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    }.ConfigureForNodaTime(DateTimeZoneProviders.Tzdb);
}
