using System.Text.Json.Serialization;

namespace IspHost.Sdk.Web;

[JsonSerializable(typeof(string[]))]
sealed partial class Texts : JsonSerializerContext;
