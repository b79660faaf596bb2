using System.Reflection;

namespace IspHost.Sdk.Tests;

/// <summary>What plugins compile against changes only when somebody has read the change.</summary>
public sealed class PublicSurfaceTests
{
    const string Accept = "ACCEPT_PUBLIC_API";

    static readonly Dictionary<string, Assembly> Assemblies = new()
    {
        ["IspHost.Sdk"] = typeof(IPlugin).Assembly,
        ["IspHost.Sdk.Data"] = typeof(Data.IDatabase).Assembly,
        ["IspHost.Sdk.Testing"] = typeof(Testing.ConformanceSuite).Assembly,
    };

    /// <summary>Microsoft.Extensions.*, and what else the SDK may show: it is what a plugin gets without asking.</summary>
    static readonly string[] AllowedForSdk = ["System.", "Microsoft.AspNetCore.", "Microsoft.Extensions.",
        "Microsoft.Net.Http.Headers", "NodaTime", "netstandard", "mscorlib"];

    public static TheoryData<string> Names => [.. Assemblies.Keys];

    [Theory, MemberData(nameof(Names))]
    public void The_public_surface_is_the_one_that_was_reviewed(string name)
    {
        var file = Path.Combine(Sdk, name, "PublicApi.txt");
        var seen = PublicSurface.Render(Assemblies[name]);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            File.WriteAllText(file, seen);

        var reviewed = File.Exists(file) ? File.ReadAllText(file) : "";
        var (gone, added) = (Lines(reviewed).Except(Lines(seen)), Lines(seen).Except(Lines(reviewed)));
        if (reviewed != seen)
            Assert.Fail($"""
                The public surface of {name} is not what sdk/{name}/PublicApi.txt says.
                {string.Join("\n", gone.Select(line => $"- {line}").Concat(added.Select(line => $"+ {line}")))}
                If that is meant: run this test with {Accept}=1, read the change of the file, and commit it.
                A minus breaks plugins: it needs a new version of the extension point and a line in CHANGELOG.md.
                """);
    }

    [Fact]
    public void The_sdk_brings_nothing_but_the_base_library_the_web_framework_and_noda_time()
    {
        var foreign = Assemblies["IspHost.Sdk"].GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !AllowedForSdk.Any(allowed => name.StartsWith(allowed, StringComparison.Ordinal)));
        Assert.Empty(foreign);
    }

    [Fact]
    public void The_suites_name_no_test_framework()
    {
        string[] frameworks = ["xunit", "nunit", "Microsoft.VisualStudio.TestPlatform", "MSTest", "TUnit"];
        var references = Assemblies["IspHost.Sdk.Testing"].GetReferencedAssemblies().Select(reference => reference.Name!);
        Assert.DoesNotContain(references, name
            => frameworks.Any(framework => name.StartsWith(framework, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Nominal records can grow: a new property is optional, a new constructor parameter breaks whoever calls it.</summary>
    [Fact]
    public void What_crosses_an_extension_point_is_sealed()
    {
        var crossing = Assemblies["IspHost.Sdk"].GetExportedTypes()
            .Where(type => type.IsDefined(typeof(ExtensionPointAttribute)))
            .SelectMany(point => point.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
            .SelectMany(Parts)
            .Where(type => type.Assembly == Assemblies["IspHost.Sdk"] && type.IsClass);
        Assert.All(crossing, type => Assert.True(type.IsSealed || HasOnlyNestedCases(type), $"{type} can be derived from."));
    }

    static IEnumerable<Type> Parts(Type type) => type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : [type];

    static bool HasOnlyNestedCases(Type type)
        => type.IsAbstract && type.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic).All(IsPrivateOrCopies);

    static bool IsPrivateOrCopies(ConstructorInfo constructor)
        => constructor.IsPrivate || constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType;

    static string Sdk => typeof(PublicSurfaceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Sdk").Value!;

    /// <summary>Each member with its type, so that a line which two types have is not taken for one.</summary>
    static List<string> Lines(string text)
    {
        var (lines, type) = (new List<string>(), "");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line.StartsWith(' ') ? type : line;
            lines.Add(line.StartsWith(' ') ? $"{type} {{ {line.Trim()} }}" : line);
        }
        return lines;
    }
}
