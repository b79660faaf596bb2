using System.Text.Json;
using System.Text.Json.Serialization;

namespace IspHost.Sdk;

/// <summary>An identity made by us: a version 7 UUID, so that later ones sort behind earlier ones.</summary>
/// <typeparam name="TSelf">The identity itself.</typeparam>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    /// <summary>The UUID.</summary>
    Guid Value { get; }

    /// <summary>The identity with this UUID.</summary>
    static abstract TSelf From(Guid value);
}

/// <summary>An ISP: a tenant of this host.</summary>
[JsonConverter(typeof(IdJson<TenantId>))]
public readonly record struct TenantId(Guid Value) : IId<TenantId>
{
    /// <summary>A new one.</summary>
    public static TenantId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static TenantId From(Guid value) => new(value);

    /// <summary>Used by model binding.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out TenantId id)
    {
        var parsed = Guid.TryParse(text, out var value);
        id = new TenantId(value);
        return parsed;
    }

    /// <summary>The UUID in its usual form.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>A customer of a tenant: who signs and who pays.</summary>
[JsonConverter(typeof(IdJson<CustomerId>))]
public readonly record struct CustomerId(Guid Value) : IId<CustomerId>
{
    /// <summary>A new one.</summary>
    public static CustomerId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static CustomerId From(Guid value) => new(value);

    /// <summary>Used by model binding.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out CustomerId id)
    {
        var parsed = Guid.TryParse(text, out var value);
        id = new CustomerId(value);
        return parsed;
    }

    /// <summary>The UUID in its usual form.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>A plan of a tenant's catalog.</summary>
[JsonConverter(typeof(IdJson<PlanId>))]
public readonly record struct PlanId(Guid Value) : IId<PlanId>
{
    /// <summary>A new one.</summary>
    public static PlanId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static PlanId From(Guid value) => new(value);

    /// <summary>Used by model binding.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out PlanId id)
    {
        var parsed = Guid.TryParse(text, out var value);
        id = new PlanId(value);
        return parsed;
    }

    /// <summary>The UUID in its usual form.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>One service of a customer.</summary>
[JsonConverter(typeof(IdJson<SubscriptionId>))]
public readonly record struct SubscriptionId(Guid Value) : IId<SubscriptionId>
{
    /// <summary>A new one.</summary>
    public static SubscriptionId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static SubscriptionId From(Guid value) => new(value);

    /// <summary>Used by model binding.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out SubscriptionId id)
    {
        var parsed = Guid.TryParse(text, out var value);
        id = new SubscriptionId(value);
        return parsed;
    }

    /// <summary>The UUID in its usual form.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>The terms that one service runs on for some time.</summary>
[JsonConverter(typeof(IdJson<ContractVersionId>))]
public readonly record struct ContractVersionId(Guid Value) : IId<ContractVersionId>
{
    /// <summary>A new one.</summary>
    public static ContractVersionId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static ContractVersionId From(Guid value) => new(value);

    /// <summary>Used by model binding.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out ContractVersionId id)
    {
        var parsed = Guid.TryParse(text, out var value);
        id = new ContractVersionId(value);
        return parsed;
    }

    /// <summary>The UUID in its usual form.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>A network access server of a tenant.</summary>
[JsonConverter(typeof(IdJson<NasId>))]
public readonly record struct NasId(Guid Value) : IId<NasId>
{
    /// <summary>A new one.</summary>
    public static NasId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static NasId From(Guid value) => new(value);

    /// <summary>Used by model binding.</summary>
    public static bool TryParse(string? text, IFormatProvider? provider, out NasId id)
    {
        var parsed = Guid.TryParse(text, out var value);
        id = new NasId(value);
        return parsed;
    }

    /// <summary>The UUID in its usual form.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>Writes an identity as its UUID, as a value and as a dictionary key.</summary>
/// <typeparam name="TId">The identity.</typeparam>
public sealed class IdJson<TId> : JsonConverter<TId> where TId : struct, IId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var value)
            ? TId.From(value)
            : throw new JsonException("Expected a UUID.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => Guid.TryParse(reader.GetString(), out var value) ? TId.From(value) : throw new JsonException("Expected a UUID.");

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
        => writer.WritePropertyName(value.Value.ToString());
}
