using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Images;

/// <summary>What a place on the stack holds, as far as memory is concerned.</summary>
enum StackKind
{
    /// <summary>What a method without a result leaves.</summary>
    Nothing,

    /// <summary>A number, a truth value, a character, an enumeration's value.</summary>
    Number,

    /// <summary>An object, or none.</summary>
    Object,

    /// <summary>A value with fields.</summary>
    Value,

    /// <summary>The address of a variable, an element or a field, made by the runtime.</summary>
    Reference,

    /// <summary>The address of code, for a delegate.</summary>
    Code,

    /// <summary>Of a type that is a parameter of the script's own type.</summary>
    Open,
}

/// <summary>A type by its kind, and the kinds of its type arguments.</summary>
readonly record struct StackType(StackKind Kind, ImmutableArray<StackKind> Arguments);

/// <summary>Kinds that stand for the type parameters of a type and of a method.</summary>
sealed record TypeArguments(ImmutableArray<StackKind> OfType, ImmutableArray<StackKind> OfMethod)
{
    public static TypeArguments None { get; } = new([], []);
}

/// <summary>Reads types as kinds. Pointers have none: an image that names one is refused.</summary>
sealed class StackKinds : ISignatureTypeProvider<StackType, TypeArguments>
{
    static readonly Assembly[] Assemblies =
        [typeof(object).Assembly, typeof(HashSet<>).Assembly, typeof(ImmutableArray).Assembly, typeof(RatingItem).Assembly];

    public static StackKinds Reader { get; } = new();

    static StackType Of(StackKind kind) => new(kind, []);

    public StackType GetPrimitiveType(PrimitiveTypeCode typeCode) => Of(typeCode switch
    {
        PrimitiveTypeCode.String or PrimitiveTypeCode.Object => StackKind.Object,
        PrimitiveTypeCode.TypedReference => throw new BadImageFormatException(),
        PrimitiveTypeCode.Void => StackKind.Nothing,
        PrimitiveTypeCode.IntPtr or PrimitiveTypeCode.UIntPtr => StackKind.Code,
        _ => StackKind.Number,
    });

    public StackType GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        => Of(Known(new DocumentationIds(reader).OfType(handle)) switch
        {
            { IsEnum: true } or { IsPrimitive: true } => StackKind.Number,
            { IsValueType: true } => StackKind.Value,
            { } => StackKind.Object,
            null => rawTypeKind == (byte)SignatureTypeKind.ValueType ? StackKind.Value : StackKind.Object,
        });

    /// <summary>Only names that the list allows get here: types of the base library, of the SDK, and of the worker's own.</summary>
    static Type? Known(string name)
        => Assemblies.Select(assembly => assembly.GetType(name) ?? assembly.GetType(Nested(name))).FirstOrDefault(type => type is not null);

    static string Nested(string name)
        => name.LastIndexOf('.') is > 0 and var at ? $"{name[..at]}+{name[(at + 1)..]}" : name;

    public StackType GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        => Of(Base(reader, reader.GetTypeDefinition(handle)) switch
        {
            "System.Enum" => StackKind.Number,
            "System.ValueType" => StackKind.Value,
            _ => StackKind.Object,
        });

    static string Base(MetadataReader reader, TypeDefinition type)
        => type.BaseType is { Kind: HandleKind.TypeReference, IsNil: false } parent
            ? new DocumentationIds(reader).OfType((TypeReferenceHandle)parent)
            : "";

    /// <summary>Within a signature only a modifier could be one, and none of ours is.</summary>
    public StackType GetTypeFromSpecification(
        MetadataReader reader, TypeArguments genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        => throw new BadImageFormatException();

    public StackType GetGenericInstantiation(StackType genericType, ImmutableArray<StackType> typeArguments)
        => new(genericType.Kind, [.. typeArguments.Select(argument => argument.Kind)]);

    public StackType GetGenericTypeParameter(TypeArguments genericContext, int index) => Argument(genericContext.OfType, index);

    public StackType GetGenericMethodParameter(TypeArguments genericContext, int index) => Argument(genericContext.OfMethod, index);

    static StackType Argument(ImmutableArray<StackKind> arguments, int index)
        => Of(index < arguments.Length ? arguments[index] : StackKind.Open);

    public StackType GetSZArrayType(StackType elementType) => Of(StackKind.Object);

    public StackType GetArrayType(StackType elementType, ArrayShape shape) => Of(StackKind.Object);

    public StackType GetByReferenceType(StackType elementType) => Of(StackKind.Reference);

    public StackType GetModifiedType(StackType modifier, StackType unmodifiedType, bool isRequired) => unmodifiedType;

    public StackType GetPointerType(StackType elementType) => throw new BadImageFormatException();

    public StackType GetPinnedType(StackType elementType) => throw new BadImageFormatException();

    public StackType GetFunctionPointerType(MethodSignature<StackType> signature) => throw new BadImageFormatException();
}
