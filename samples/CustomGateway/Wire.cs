using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomGateway;

/// <summary>What the provider wants to know of a charge.</summary>
sealed record ChargeBody(string Amount, string Currency, string Method, string? Statement);

/// <summary>What the provider says about one.</summary>
sealed record ChargeAnswer(string State, string? Reference, string? Code, bool Final);

/// <summary>Written by the compiler: JSON by reflection would keep the plugin loaded for ever.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ChargeBody))]
[JsonSerializable(typeof(ChargeAnswer))]
sealed partial class Wire : JsonSerializerContext;
