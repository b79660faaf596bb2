using System.Text.Json.Serialization.Metadata;

namespace IspHost.Core.Web.Contract;

/// <summary>What the JSON of a type must have. The reader and the document follow it alike.</summary>
static class ContractJson
{
    /// <summary>Asks for what has no default and cannot be null, and for nothing else.</summary>
    /// <remarks>What is null is left out of answers, so that a field which may be null is never promised.</remarks>
    public static void Tighten(JsonTypeInfo type)
    {
        if (type.Kind is not JsonTypeInfoKind.Object)
            return;
        // What only leads out, such as a value that is made from others, is never read.
        foreach (var property in type.Properties.Where(property => property.Set is not null))
        {
            var isAsked = property.IsRequired || type.Type.IsValueType;
            var hasNoDefault = isAsked || property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false };
            property.IsRequired = hasNoDefault && !IsNullable(property);
        }
    }

    /// <summary>Whether a property may be null.</summary>
    public static bool IsNullable(JsonPropertyInfo property)
        => !property.PropertyType.IsValueType
            ? property.AssociatedParameter?.IsNullable ?? (property.IsSetNullable || (property.Set is null && property.IsGetNullable))
            : Nullable.GetUnderlyingType(property.PropertyType) is not null;
}
