using System.Text.Json;
using IspHost.Sdk;

namespace IspHost.Core.Web;

/// <summary>The JSON of the API.</summary>
static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = SdkJson.NewOptions();
}
