using System.Text.Json;
using System.Text.Json.Serialization;

namespace HelloNotification;

/// <summary>A message as it lies in a pigeonhole.</summary>
sealed record Letter(string To, string From, string Subject, string Text, IReadOnlyList<LetterFile> Files);

/// <summary>A file that goes with it; base64 in JSON.</summary>
sealed record LetterFile(string Name, string ContentType, byte[] Content);

/// <summary>Written by the compiler: JSON by reflection would keep the plugin loaded for ever.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(Letter))]
sealed partial class LetterJson : JsonSerializerContext;
