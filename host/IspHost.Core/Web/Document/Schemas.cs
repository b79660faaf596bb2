using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IspHost.Core.Web.Contract;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace IspHost.Core.Web.Document;

/// <summary>Has schemas say what is checked and written: kinds of values, rules of fields, comments in the code.</summary>
sealed class Schemas(XmlDocs docs)
{
    /// <summary>There the framework looks for what a reference says beside its schema.</summary>
    const string OfReference = "x-ref-description";

    /// <summary>What the framework puts on a schema that becomes a reference.</summary>
    const string Named = "x-schema-id";

    public Task WriteAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken stop)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(JsonDocument))
            schema.Type = JsonSchemaType.Object | NullIf(context.JsonPropertyInfo);
        if (ValueKind.Of(type) is { } kind)
            WriteKind(schema, kind, type, NullIf(context.JsonPropertyInfo));
        else if (context.JsonTypeInfo.Type != type)
            WriteParts(schema, context.JsonTypeInfo.Options.GetTypeInfo(type));
        if (context.JsonTypeInfo is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element })
            WriteItems(schema, element);
        if (context.JsonPropertyInfo is { } property)
            WriteProperty(schema, property);
        else if (docs.Of(type) is { } summary && ValueKind.Of(type) is null)
            schema.Description = summary;
        if (context.ParameterDescription?.ParameterDescriptor is { } && ParameterOf(context) is { } parameter)
            WriteParameter(schema, parameter);
        // Pages that show a request fill in what has an example: a list would be searched for what nobody has.
        if (context.ParameterDescription is { Source.Id: "Query", IsRequired: false } && type == typeof(string))
            schema.Examples = null;
        return Task.CompletedTask;
    }

    /// <summary>The framework says nothing of items that a converter of ours writes.</summary>
    static void WriteItems(OpenApiSchema schema, Type element)
    {
        if (ValueKind.Of(element) is not { } kind || schema.Items is OpenApiSchema { Type: not null })
            return;
        var items = new OpenApiSchema();
        WriteKind(items, kind, element, orNull: 0);
        schema.Items = items;
    }

    /// <summary>The parts of a structure that may be null: the framework does not come by itself to look at them.</summary>
    void WriteParts(OpenApiSchema schema, JsonTypeInfo type)
    {
        schema.Description = docs.Of(type.Type);
        foreach (var property in type.Properties)
        {
            IOpenApiSchema? found = null;
            if (schema.Properties?.TryGetValue(property.Name, out found) is not true || found is not OpenApiSchema part)
                continue;
            if (ValueKind.Of(property.PropertyType) is { } kind)
                WriteKind(part, kind, property.PropertyType, orNull: 0);
            WriteProperty(part, property);
        }
    }

    /// <summary>The framework describes what it reads from the address by a type's <c>TryParse</c> as text, whatever the type is.</summary>
    static void WriteParameter(OpenApiSchema schema, ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (type != typeof(string) && ValueKind.Of(type) is { } kind)
            WriteKind(schema, kind, type, orNull: 0);
        WriteRules(schema, [parameter]);
    }

    static ParameterInfo? ParameterOf(OpenApiSchemaTransformerContext context)
        => (context.ParameterDescription?.ParameterDescriptor as Microsoft.AspNetCore.Mvc.Infrastructure.IParameterInfoParameterDescriptor)
            ?.ParameterInfo;

    static JsonSchemaType NullIf(JsonPropertyInfo? property)
        => property is not null && ContractJson.IsNullable(property) ? JsonSchemaType.Null : 0;

    static void WriteKind(OpenApiSchema schema, ValueKind kind, Type type, JsonSchemaType orNull)
    {
        schema.Type = TypeOf(kind) | orNull;
        schema.Format = kind.Format;
        schema.Pattern = kind.Pattern;
        schema.Properties = null;
        schema.Required = null;
        schema.Enum = type.IsEnum ? [.. ValueKind.NamesOf(type).Select(name => (JsonNode)name)] : null;
        schema.Examples = [kind.Type is "string" ? kind.Example : JsonNode.Parse(kind.Example)!];
        schema.Minimum = kind.Range is ( >= 0 and var least, _) ? least.ToString(CultureInfo.InvariantCulture) : null;
    }

    static JsonSchemaType TypeOf(ValueKind kind) => kind.Type switch
    {
        "boolean" => JsonSchemaType.Boolean,
        "integer" => JsonSchemaType.Integer,
        "number" => JsonSchemaType.Number,
        _ => JsonSchemaType.String,
    };

    void WriteProperty(OpenApiSchema schema, JsonPropertyInfo property)
    {
        var member = (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;
        if (docs.Of(property.DeclaringType, member) is { } summary)
        {
            if (schema.Metadata?.ContainsKey(Named) is true)
                schema.Metadata[OfReference] = summary;
            else
                schema.Description = summary;
        }
        WriteRules(schema, [property.AttributeProvider, property.AssociatedParameter?.AttributeProvider]);
    }

    static void WriteRules(OpenApiSchema schema, IEnumerable<ICustomAttributeProvider?> places)
    {
        var attributes = places.OfType<ICustomAttributeProvider>().SelectMany(place => place.GetCustomAttributes(inherit: true)).ToList();
        foreach (var rule in attributes.OfType<ValidationAttribute>())
        {
            WriteRule(schema, rule);
            schema.Examples = null;
        }
        if (attributes.OfType<IHasExample>().OrderBy(one => one is ExampleAttribute ? 0 : 1).FirstOrDefault() is { } known)
            schema.Examples = [known.Example];
    }

    static void WriteRule(OpenApiSchema schema, ValidationAttribute attribute)
    {
        var value = schema.Items as OpenApiSchema ?? schema;
        switch (attribute)
        {
            case RegularExpressionAttribute pattern:
                value.Pattern = pattern.Pattern;
                break;
            case StringLengthAttribute length:
                (value.MinLength, value.MaxLength) = (length.MinimumLength, length.MaximumLength);
                break;
            case RangeAttribute range:
                (schema.Minimum, schema.Maximum) = (Text(range.Minimum), Text(range.Maximum));
                break;
            case LengthAttribute count:
                (schema.MinItems, schema.MaxItems) = (count.MinimumLength, count.MaximumLength);
                break;
            case MaxLengthAttribute count:
                schema.MaxItems = count.Length;
                schema.MaxLength = null;
                break;
            case AllowedValuesAttribute allowed:
                value.Enum = [.. allowed.Values.Select(one => one is int number ? (JsonNode)number : (JsonNode)one!.ToString()!)];
                break;
        }
    }

    static string? Text(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture);
}
