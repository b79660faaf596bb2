using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text;

namespace IspHost.Sdk.Tests;

/// <summary>What an assembly shows to others, a line a member, as a person would write it down.</summary>
static class PublicSurface
{
    const BindingFlags Own
        = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>What the compiler writes into every record: true for all of them, so it says nothing about one.</summary>
    static readonly HashSet<string> OfRecords =
    [
        "ToString", "GetHashCode", "Equals", "PrintMembers", "<Clone>$", "Deconstruct", "op_Equality", "op_Inequality", "EqualityContract",
    ];

    public static string Render(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Heading(type)).Append('\n');
            foreach (var line in Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
        }
        return text.ToString();
    }

    static string Heading(Type type)
    {
        var bases = type.IsEnum ? "" : string.Join(", ", Bases(type).Select(TypeName.Of));
        var point = type.GetCustomAttribute<ExtensionPointAttribute>() is { } p ? $"[{p.Name} v{p.Version}, {p.DeadlineSeconds} s] " : "";
        var service = type.IsDefined(typeof(HostServiceAttribute)) ? "[host service] " : "";
        return $"{point}{service}{Kind(type)} {type.Namespace}.{TypeName.Of(type)}{(bases.Length > 0 ? " : " : "")}{bases}";
    }

    static IEnumerable<Type> Bases(Type type)
    {
        Type[] ofAll = [typeof(object), typeof(ValueType), typeof(ISerializable)];
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        return type.GetInterfaces().Except(inherited).Prepend(type.BaseType ?? typeof(object))
            .Where(parent => !ofAll.Contains(parent) && parent.Name != "IEquatable`1");
    }

    static string Kind(Type type)
    {
        if (type.IsInterface || type.IsEnum)
            return type.IsEnum ? "enum" : "interface";
        var record = IsRecord(type) ? "record " : "";
        if (type.IsValueType)
            return $"{record}struct";
        var inheritance = (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static ",
            (true, false) => "abstract ",
            (false, true) => "sealed ",
            _ => "",
        };
        return inheritance + (record.Length > 0 ? "record" : "class");
    }

    static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}");
        return type.GetMembers(Own).Where(member => IsShown(type, member)).Select(Line);
    }

    static bool IsShown(Type type, MemberInfo member) => member switch
    {
        MethodInfo method
            => IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                && !IsWritten(type, method),
        ConstructorInfo constructor => IsVisible(constructor) && !IsWritten(type, constructor) && !constructor.IsStatic,
        PropertyInfo property
            => property.GetAccessors(nonPublic: true).Any(IsVisible) && !(IsRecord(type) && OfRecords.Contains(property.Name)),
        FieldInfo field => field.IsPublic || field.IsFamily,
        EventInfo => true,
        _ => false,
    };

    static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    static bool IsWritten(Type type, MethodBase method)
        => method.IsDefined(typeof(CompilerGeneratedAttribute))
            && (!IsRecord(type) || method.IsConstructor || OfRecords.Contains(method.Name));

    static bool IsRecord(Type type)
        => type.GetMethod("<Clone>$", Own) is not null || type.IsValueType && type.GetMethod("PrintMembers", Own) is not null;

    static string Line(MemberInfo member) => member switch
    {
        MethodInfo method
            => $"{Modifiers(method)}{TypeName.Of(method.ReturnParameter)} {method.Name}{Generic(method)}({Parameters(method)})",
        ConstructorInfo constructor => $"{(constructor.IsPublic ? "" : "protected ")}new({Parameters(constructor)})",
        PropertyInfo property
            => $"{Modifiers(property.GetAccessors(true)[0])}{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}"
            + $"{TypeName.Of(property)} {property.Name}{Index(property)} {{ {Accessors(property)} }}",
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{TypeName.Of(field.FieldType)} {field.Name}",
        _ => $"event {member.Name}",
    };

    static string Modifiers(MethodInfo method)
    {
        var access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
            return $"{access}static {(method.IsAbstract ? "abstract " : "")}";
        if (method.DeclaringType!.IsInterface || !method.IsVirtual || method.IsFinal)
            return access;
        return method.GetBaseDefinition() != method ? $"{access}override " : $"{access}{(method.IsAbstract ? "abstract" : "virtual")} ";
    }

    static string Accessors(PropertyInfo property)
    {
        var set = property.SetMethod is { } setter && IsVisible(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        return $"get;{set}";
    }

    static string Index(PropertyInfo property)
        => property.GetIndexParameters() is { Length: > 0 } indexes
            ? $"[{string.Join(", ", indexes.Select(i => TypeName.Of(i.ParameterType)))}]" : "";

    static string Generic(MethodInfo method)
        => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(t => t.Name))}>" : "";

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    static string Parameter(ParameterInfo parameter)
    {
        var way = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        var extended = parameter.Position == 0 && parameter.Member.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        var list = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute))
            ? "params " : "";
        var otherwise = parameter.HasDefaultValue ? $" = {Default(parameter.DefaultValue)}" : "";
        return $"{extended}{way}{list}{TypeName.Of(parameter)} {parameter.Name}{otherwise}";
    }

    static string Default(object? value)
        => value switch { null => "default", string text => $"\"{text}\"", bool yes => yes ? "true" : "false", _ => $"{value}" };
}
