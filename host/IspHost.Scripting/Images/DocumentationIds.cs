using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace IspHost.Scripting.Images;

/// <summary>References of an image, by the documentation ids that the lists are written in.</summary>
sealed class DocumentationIds(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
{
    /// <summary>Types lie within types; only a broken image has one that lies within itself.</summary>
    const int DeepestNesting = 16;

    bool isInSpecification;

    public string OfType(TypeReferenceHandle handle) => OfType(handle, 0);

    string OfType(TypeReferenceHandle handle, int depth)
    {
        if (depth > DeepestNesting)
            throw new BadImageFormatException();
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return $"{OfType((TypeReferenceHandle)type.ResolutionScope, depth + 1)}.{name}";
        var space = metadata.GetString(type.Namespace);
        return space.Length > 0 ? $"{space}.{name}" : name;
    }

    /// <summary>The owning type, empty for one of the image itself, and the member's id.</summary>
    public (string Owner, string Id) OfMember(MemberReferenceHandle handle)
    {
        var member = metadata.GetMemberReference(handle);
        var name = metadata.GetString(member.Name).Replace('.', '#');
        var owner = member.Parent.Kind switch
        {
            HandleKind.TypeReference => OfType((TypeReferenceHandle)member.Parent),
            HandleKind.TypeSpecification => Open(GetTypeFromSpecification(metadata, null, (TypeSpecificationHandle)member.Parent, 0)),
            HandleKind.TypeDefinition => "",
            _ => $"?{member.Parent.Kind}",
        };
        if (member.GetKind() == MemberReferenceKind.Field)
            return (owner, $"F:{owner}.{name}");
        var signature = member.DecodeMethodSignature(this, null);
        var arity = signature.GenericParameterCount > 0 ? $"``{signature.GenericParameterCount}" : "";
        var parameters = signature.ParameterTypes.IsEmpty ? "" : $"({string.Join(',', signature.ParameterTypes)})";
        var result = name is "op_Implicit" or "op_Explicit" ? $"~{signature.ReturnType}" : "";
        return (owner, $"M:{owner}.{name}{arity}{parameters}{result}");
    }

    /// <summary>From <c>List{System.Int32}</c> back to <c>List`1</c>: members are listed by the open type.</summary>
    static string Open(string type)
    {
        if (type.StartsWith('!'))
            return "";
        if (type.EndsWith(']'))
            return "System.Array"; // Only methods that the runtime makes for arrays of more dimensions are referenced so.
        var brace = type.IndexOf('{', StringComparison.Ordinal);
        if (brace < 0)
            return type;
        var (depth, count) = (0, 1);
        foreach (var c in type.AsSpan(brace))
        {
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            count += c == ',' && depth == 1 ? 1 : 0;
        }

        var end = type.LastIndexOf('}');
        return $"{type[..brace]}`{count}{type[(end + 1)..]}";
    }

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments)
    {
        // The marker of a type of the image itself must survive, so that its members are seen to be its own.
        if (genericType.StartsWith('!'))
            return genericType;
        var tick = genericType.IndexOf('`', StringComparison.Ordinal);
        if (tick < 0)
            return $"{genericType}{{{string.Join(',', typeArguments)}}}";
        var end = tick + 1;
        while (end < genericType.Length && char.IsAsciiDigit(genericType[end]))
            end++;
        return $"{genericType[..tick]}{{{string.Join(',', typeArguments)}}}{genericType[end..]}";
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => OfType(handle);

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => "!own";

    /// <summary>One within another is never written by a compiler, and one within itself would have no end.</summary>
    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
    {
        if (isInSpecification)
            throw new BadImageFormatException();
        isInSpecification = true;
        var type = reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
        isInSpecification = false;
        return type;
    }

    public string GetGenericTypeParameter(object? genericContext, int index) => $"`{index}";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"``{index}";

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

    public string GetByReferenceType(string elementType) => $"{elementType}@";

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPinnedType(string elementType) => $"{elementType}^";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";
}
