using IspHost.Scripting.Shared;
using IspHost.Sdk.Rating;
using Microsoft.CodeAnalysis;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Whether scripts may use a symbol: their own always, all others by the list.</summary>
sealed class SymbolPermission(IAssemblySymbol own)
{
    const string Host = "IspHost.Sdk";

    static readonly HashSet<string> Undetermined = new(StringComparer.Ordinal)
    {
        "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "P:System.DateTime.Today", "P:System.DateTimeOffset.Now",
        "P:System.DateTimeOffset.UtcNow", "M:System.Guid.NewGuid", "T:System.Random", "T:System.TimeProvider",
        "T:System.Diagnostics.Stopwatch", "T:System.TimeZoneInfo", "T:System.Double", "T:System.Single", "T:System.Half",
    };

    /// <summary>The members of the item that the script was seen to name.</summary>
    public ItemMembers Members { get; private set; }

    public static bool IsOfHost(ISymbol symbol) => symbol.ContainingAssembly?.Name == Host;

    public (string Code, string Name)? Refuses(ISymbol symbol) => symbol switch
    {
        ITypeSymbol type => RefusesType(type),
        IMethodSymbol method => RefusesMethod(method.ReducedFrom ?? method),
        IPropertySymbol property => RefusesMember(property),
        IFieldSymbol field => RefusesMember(field),
        IEventSymbol => (Codes.Api, symbol.ToDisplayString()),
        _ => null,
    };

    public (string Code, string Name)? RefusesType(ITypeSymbol type) => type switch
    {
        IErrorTypeSymbol => null, // The compiler has an error for it.
        IDynamicTypeSymbol => (Codes.Dynamic, "dynamic"),
        IPointerTypeSymbol or IFunctionPointerTypeSymbol => (Codes.Unsafe, type.ToDisplayString()),
        IArrayTypeSymbol { Rank: > 1 } => (Codes.Syntax, "an array of more than one dimension"),
        IArrayTypeSymbol array => RefusesType(array.ElementType),
        INamedTypeSymbol named => RefusesNamed(named),
        _ => null,
    };

    (string Code, string Name)? RefusesNamed(INamedTypeSymbol type)
    {
        foreach (var argument in type.TypeArguments)
            if (RefusesType(argument) is { } refused)
                return refused;
        return IsOwn(type) || type.IsAnonymousType ? null : ByList(type.OriginalDefinition);
    }

    (string Code, string Name)? RefusesMethod(IMethodSymbol method)
    {
        foreach (var argument in method.TypeArguments)
            if (RefusesType(argument) is { } refused)
                return refused;
        if (method.Name is "GetHashCode")
            return (Codes.Api, method.ToDisplayString());
        if (method.MethodKind == MethodKind.BuiltinOperator)
            return method.ContainingType?.TypeKind == TypeKind.Delegate ? (Codes.Api, "joining functions") : null;
        var free = method.MethodKind is MethodKind.LocalFunction or MethodKind.AnonymousFunction or MethodKind.DelegateInvoke
            || (method.MethodKind == MethodKind.Constructor && IsMadeFreely(method));
        return free ? RefusesType(method.ReturnType) : RefusesMember(method);
    }

    static bool IsMadeFreely(IMethodSymbol constructor) => constructor.ContainingType.TypeKind == TypeKind.Delegate
        || (constructor is { IsImplicitlyDeclared: true, Parameters.Length: 0, ContainingType.IsValueType: true });

    (string Code, string Name)? RefusesMember(ISymbol member)
    {
        if (member.ContainingType is not { } type)
            return null;
        foreach (var argument in type.TypeArguments)
            if (RefusesType(argument) is { } refused)
                return refused;
        if (IsOwn(type) || type.IsAnonymousType || IsLinq(type) || IsValueOf(type, member))
            return null;
        if (type.Name == nameof(RatingItem) && IsOfHost(type) && Enum.TryParse<ItemMembers>(member.Name, out var named))
            Members |= named;
        return ByList(member.OriginalDefinition);
    }

    /// <summary>A value of an enumeration, a part of a tuple, a tuple.</summary>
    bool IsValueOf(INamedTypeSymbol type, ISymbol member)
    {
        var isPart = type.TypeKind == TypeKind.Enum
            ? member is IFieldSymbol
            : type.IsTupleType && (member is IFieldSymbol or IMethodSymbol { MethodKind: MethodKind.Constructor });
        return isPart && RefusesType(type) is null;
    }

    bool IsOwn(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, own);

    static bool IsLinq(INamedTypeSymbol type)
        => (type.ContainingType ?? type) is
        { Name: "Enumerable" or nameof(SequenceNames), ContainingAssembly.Name: "IspHost.ScriptWorker" };

    static (string Code, string Name)? ByList(ISymbol symbol)
    {
        var id = symbol.GetDocumentationCommentId();
        if (id is not null && ApiList.Scripts.Allows(id))
            return null;
        var isUndetermined = (id is not null && Undetermined.Contains(id)) || Undetermined.Contains($"T:{symbol.ContainingType}");
        return (isUndetermined ? Codes.Undetermined : Codes.Api, symbol.ToDisplayString());
    }
}
