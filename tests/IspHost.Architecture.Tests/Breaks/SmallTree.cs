using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Breaks;

/// <summary>The least repository that keeps every rule, for a break to start from.</summary>
static class SmallTree
{
    const string Empty = "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>";
    const string Lock = """{ "version": 1, "dependencies": { "net10.0": {} } }""";

    static readonly string[] Locked =
    [
        "sdk/IspHost.Sdk", "sdk/IspHost.Sdk.Testing", "host/IspHost.PluginRuntime", "host/IspHost.Core", "host/IspHost.Server",
        "plugins/Tax.Vat", "tests/IspHost.Core.Tests",
    ];

    static readonly (string Path, string Text)[] Projects =
    [
        ("sdk/IspHost.Sdk/IspHost.Sdk.csproj", Package("NodaTime")),
        ("sdk/IspHost.Sdk.Testing/IspHost.Sdk.Testing.csproj", Reference("../IspHost.Sdk/IspHost.Sdk.csproj")),
        ("host/IspHost.PluginRuntime/IspHost.PluginRuntime.csproj", Reference("../../sdk/IspHost.Sdk/IspHost.Sdk.csproj")),
        ("host/IspHost.Core/IspHost.Core.csproj", Reference("../IspHost.PluginRuntime/IspHost.PluginRuntime.csproj")),
        ("host/IspHost.Server/IspHost.Server.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <ItemGroup>
                <ProjectReference Include="../IspHost.Core/IspHost.Core.csproj" />
                <ProjectReference Include="../../plugins/*/*.csproj" ReferenceOutputAssembly="false" />
              </ItemGroup>
            </Project>
            """),
        ("plugins/Tax.Vat/IspHost.Plugins.Tax.Vat.csproj", Reference("../../sdk/IspHost.Sdk/IspHost.Sdk.csproj")),
        ("samples/HelloTax/HelloTax.csproj", Package("IspHost.Sdk")),
        ("tests/IspHost.Core.Tests/IspHost.Core.Tests.csproj", Reference("../../host/IspHost.Core/IspHost.Core.csproj")),
    ];

    public static Tree InOrder { get; } = Tree.Of(
    [
        .. Projects,
        .. Locked.Select(folder => (folder + "/packages.lock.json", Lock)),
        .. new[] { "host", "plugins", "sdk", "samples", "tests", "docs" }.Select(folder => (folder + "/README.md", "# " + folder)),
        ("README.md", "# IspHost\n\n[The docs](docs/README.md)\n"),
        ("IspHost.sln", Solution([.. Projects.Select(project => project.Path)])),
        ("Directory.Build.props", "<Project><PropertyGroup><!-- The law asks for it. --><NoWarn>CA1000</NoWarn></PropertyGroup></Project>"),
        (".editorconfig", "# Nobody waits for it.\ndotnet_diagnostic.CA1000.severity = none\ndotnet_diagnostic.CA1001.severity = none\n"),
        ("sdk/IspHost.Sdk/Taxes/ITaxEngine.cs", "[ExtensionPoint(\"tax\", version: 1)]\npublic interface ITaxEngine;\n"),
        ("sdk/IspHost.Sdk.Testing/Taxes/TaxEngineConformance.cs", "public static class TaxEngineConformance;\n"),
        ("host/IspHost.PluginRuntime/Extensions/TaxEngineProxy.cs", "sealed class TaxEngineProxy;\n"),
        ("docs/plugin-authors/tax.md", "# Taxes\n\n## What is asked\n"),
        ("samples/HelloTax/FlatTax.cs", "public sealed class FlatTax : ITaxEngine;\n"),
        ("host/IspHost.Core/Customers/Customer.cs", "sealed class Customer { void Suspend() { } }\n"),
    ]);

    public static string Reference(string path) => Items($"<ProjectReference Include=\"{path}\" />");

    public static string Package(string name) => Items($"<PackageReference Include=\"{name}\" />");

    public static string Items(string items) => Empty.Replace("></", $"><ItemGroup>{items}</ItemGroup></", StringComparison.Ordinal);

    /// <summary>A solution of projects, each in the folder of its top folder.</summary>
    static string Solution(string[] projects)
    {
        var folders = projects.Select(Paths.TopOf).Distinct().ToArray();
        var ids = folders.Concat(projects).Index().ToDictionary(name => name.Item, name => $"{{00000000-0000-0000-0000-{name.Index:D12}}}");
        var entries = ids.Select(entry
            => $"Project(\"{{0}}\") = \"{Paths.NameOf(entry.Key)}\", \"{entry.Key.Replace('/', '\\')}\", \"{entry.Value}\"\nEndProject\n");
        var nesting = projects.Select(project => $"\t\t{ids[project]} = {ids[Paths.TopOf(project)]}\n");
        return string.Concat([.. entries, "GlobalSection(NestedProjects) = preSolution\n", .. nesting, "EndGlobalSection\n"]);
    }
}
