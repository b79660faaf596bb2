using System.Reflection;

namespace IspHost.Sdk.Tests;

/// <summary>A type as C# writes it, without namespaces.</summary>
static class TypeName
{
    static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
    };

    public static string Of(ParameterInfo parameter) => Of(new NullabilityInfoContext().Create(parameter));

    public static string Of(PropertyInfo property) => Of(new NullabilityInfoContext().Create(property));

    static string Of(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        var mark = !type.IsValueType && !type.IsGenericParameter && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (info.ElementType is { } element)
            return $"{Of(element)}[]{mark}";
        return type.IsGenericType && info.GenericTypeArguments.Length == type.GetGenericArguments().Length
            && Nullable.GetUnderlyingType(type) is null
            ? $"{Outer(type)}{type.Name.Split('`')[0]}<{string.Join(", ", info.GenericTypeArguments.Select(Of))}>{mark}"
            : Of(type) + mark;
    }

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsByRef || type.IsArray)
            return Of(type.GetElementType()!) + (type.IsArray ? "[]" : "");
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Of(value)}?";
        return type.IsGenericParameter ? type.Name : Nested(type);
    }

    static string Nested(Type type)
    {
        var name = Outer(type) + type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>" : name;
    }

    static string Outer(Type type) => type.DeclaringType is { } declaring ? $"{Of(declaring)}." : "";
}
