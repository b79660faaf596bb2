using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace IspHost.Scripting.Images;

/// <summary>What the instructions of an image name, by kinds.</summary>
sealed class StackMembers(MetadataReader metadata)
{
    public StackType Type(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => StackKinds.Reader.GetTypeFromReference(metadata, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeDefinition => StackKinds.Reader.GetTypeFromDefinition(metadata, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeSpecification
            => metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(StackKinds.Reader, TypeArguments.None),
        _ => throw new BadImageFormatException(),
    };

    public (StackType Owner, MethodSignature<StackType> Signature) Method(
        EntityHandle handle, ImmutableArray<StackKind> arguments = default)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                var method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return (Type(method.GetDeclaringType()), method.DecodeSignature(StackKinds.Reader, Of([], arguments)));
            case HandleKind.MemberReference:
                var member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                var owner = Type(member.Parent);
                return (owner, member.DecodeMethodSignature(StackKinds.Reader, Of(owner.Arguments, arguments)));
            case HandleKind.MethodSpecification when arguments.IsDefault:
                var specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                var types = specification.DecodeSignature(StackKinds.Reader, TypeArguments.None);
                return Method(specification.Method, [.. types.Select(type => type.Kind)]);
            default:
                throw new BadImageFormatException();
        }
    }

    public StackKind Field(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.FieldDefinition)
            return metadata.GetFieldDefinition((FieldDefinitionHandle)handle).DecodeSignature(StackKinds.Reader, TypeArguments.None).Kind;
        if (handle.Kind != HandleKind.MemberReference)
            throw new BadImageFormatException();
        var member = metadata.GetMemberReference((MemberReferenceHandle)handle);
        return member.DecodeFieldSignature(StackKinds.Reader, Of(Type(member.Parent).Arguments, [])).Kind;
    }

    public ImmutableArray<StackKind> Locals(MethodBodyBlock body) => body.LocalSignature.IsNil
        ? []
        : Kinds(metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(StackKinds.Reader, TypeArguments.None));

    /// <summary>What a method is called with: an instance method of a value with a reference to it.</summary>
    public static ImmutableArray<StackKind> Parameters(StackType owner, MethodSignature<StackType> signature)
    {
        var kinds = Kinds(signature.ParameterTypes);
        return !signature.Header.IsInstance ? kinds
            : kinds.Insert(0, owner.Kind == StackKind.Object ? StackKind.Object : StackKind.Reference);
    }

    static ImmutableArray<StackKind> Kinds(ImmutableArray<StackType> types) => [.. types.Select(type => type.Kind)];

    static TypeArguments Of(ImmutableArray<StackKind> ofType, ImmutableArray<StackKind> ofMethod)
        => new(ofType, ofMethod.IsDefault ? [] : ofMethod);
}
