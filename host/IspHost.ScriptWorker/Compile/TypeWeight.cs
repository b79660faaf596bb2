using Microsoft.CodeAnalysis;

namespace IspHost.ScriptWorker.Compile;

/// <summary>How many values a type of a script holds, counting those within its values.</summary>
/// <remarks>
/// The compiler writes equality, hashing and printing of records and structs by itself, one call deeper for each record within a
/// record, and no meter is in that code. So what it walks is bounded by the declaration: a record that holds itself has no bound.
/// </remarks>
static class TypeWeight
{
    public const int Limit = 64;

    public static bool IsTooHeavy(INamedTypeSymbol type) => (type.IsRecord || type.IsValueType) && Of(type, Limit) > Limit;

    static int Of(ITypeSymbol type, int left)
    {
        if (left <= 0)
            return Limit + 1;
        if (type is not INamedTypeSymbol named)
            return 1;
        var weight = 1;
        foreach (var part in Parts(named))
            if ((weight += Of(part, left - weight)) > Limit)
                break;
        return weight;
    }

    /// <summary>What equality goes into: values of values, and the members of the script's own records and structs.</summary>
    static IEnumerable<ITypeSymbol> Parts(INamedTypeSymbol type)
    {
        if (type.IsTupleType || !type.Locations.Any(l => l.IsInSource))
            return type.IsValueType ? type.TypeArguments : [];
        return type.IsRecord || type.TypeKind == TypeKind.Struct
            ? type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic).Select(field => field.Type)
            : [];
    }
}
