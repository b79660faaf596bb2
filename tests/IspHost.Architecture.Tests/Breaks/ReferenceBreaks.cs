using IspHost.Architecture.Tests.Rules;
using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Breaks;

static class ReferenceBreaks
{
    const string Core = "../../host/IspHost.Core/IspHost.Core.csproj";
    const string Runtime = "host/IspHost.PluginRuntime/IspHost.PluginRuntime.csproj";
    const string Vat = "../../plugins/Tax.Vat/IspHost.Plugins.Tax.Vat.csproj";

    static readonly Tree Small = SmallTree.InOrder;

    public static IReadOnlyList<Break> All { get; } =
    [
        new(References.Projects,
            Small.With("plugins/Radius/IspHost.Plugins.Radius.csproj", SmallTree.Reference(Core)),
            "plugins/Radius references host/IspHost.Core; it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data"),
        new(References.Projects,
            Small.With("plugins/Radius/IspHost.Plugins.Radius.csproj", SmallTree.Reference(Vat)),
            "plugins/Radius references plugins/Tax.Vat; it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data"),
        new(References.Projects,
            Small.With("plugins/Directory.Build.props", SmallTree.Reference($"$(MSBuildThisFileDirectory)../{Runtime}")),
            "plugins/Tax.Vat references host/IspHost.PluginRuntime; it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data"),
        new(References.Projects,
            Small.With("samples/HelloTax/HelloTax.csproj", SmallTree.Reference(Core)),
            "samples/HelloTax references host/IspHost.Core; "
            + "it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data, sdk/IspHost.Sdk.Testing"),
        new(References.Projects,
            Small.With("tests/fixtures/Leaks/Leaks.csproj", SmallTree.Reference("../" + Core)),
            "tests/fixtures/Leaks references host/IspHost.Core; it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data, tests/fixtures/*"),
        new(References.Projects,
            Small.With("sdk/IspHost.Sdk/IspHost.Sdk.csproj", SmallTree.Reference(Core)),
            "sdk/IspHost.Sdk references host/IspHost.Core; it may reference nothing of ours"),
        new(References.Projects,
            Small.With("sdk/IspHost.Sdk.Testing/IspHost.Sdk.Testing.csproj", SmallTree.Reference(Core)),
            "sdk/IspHost.Sdk.Testing references host/IspHost.Core; "
            + "it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data, host/IspHost.PluginRuntime"),
        new(References.Projects,
            Small.With(Runtime, SmallTree.Reference(Core)),
            "host/IspHost.PluginRuntime references host/IspHost.Core; it may reference sdk/IspHost.Sdk"),
        new(References.Projects,
            Small.With("host/IspHost.Scripting/IspHost.Scripting.csproj", SmallTree.Reference("../../" + Runtime)),
            "host/IspHost.Scripting references host/IspHost.PluginRuntime; it may reference sdk/IspHost.Sdk, host/IspHost.Script*, "
            + "host/IspHost.EmbeddedPostgres"),
        new(References.Projects,
            Small.With("host/IspHost.Core/IspHost.Core.csproj", SmallTree.Reference(Vat)),
            "host/IspHost.Core references plugins/Tax.Vat; it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data, "
            + "host/IspHost.EmbeddedPostgres, host/IspHost.PluginRuntime, host/IspHost.Scripting"),
        new(References.Projects,
            Small.Edit("host/IspHost.Server/IspHost.Server.csproj", " ReferenceOutputAssembly=\"false\"", ""),
            "host/IspHost.Server references plugins/Tax.Vat; it may reference sdk/IspHost.Sdk, sdk/IspHost.Sdk.Data, host/*, "
            + "tests/IspHost.Simulator"),
        new(References.Projects,
            Small.With(Runtime, SmallTree.Items("<Compile Include=\"../IspHost.Server/Serving/*.cs\" />")),
            "host/IspHost.PluginRuntime references host/IspHost.Server; it may reference sdk/IspHost.Sdk"),
        new(References.Projects,
            Small.With("plugins/Radius/IspHost.Plugins.Radius.csproj", SmallTree.Reference("../Gone/Gone.csproj")),
            "plugins/Radius references plugins/Gone/Gone.csproj, which is not there"),
        new(References.Projects,
            Small.With("host/IspHost.Mediation/IspHost.Mediation.csproj", SmallTree.Package("NodaTime")),
            "host/IspHost.Mediation is of no kind that the table knows: give it a row"),
        new(References.Packages,
            Small.With("sdk/IspHost.Sdk/IspHost.Sdk.csproj", SmallTree.Package("Microsoft.Orleans.Sdk")),
            "sdk/IspHost.Sdk names the package Microsoft.Orleans.Sdk"),
        new(References.Packages,
            Small.With(Runtime, SmallTree.Package("Microsoft.EntityFrameworkCore")),
            "host/IspHost.PluginRuntime names the package Microsoft.EntityFrameworkCore"),
        new(References.Packages,
            Small.With("plugins/Tax.Vat/IspHost.Plugins.Tax.Vat.csproj", SmallTree.Package("Microsoft.Orleans.Server")),
            "plugins/Tax.Vat names the package Microsoft.Orleans.Server"),
        new(References.Packages,
            Small.With("sdk/IspHost.Sdk.Testing/IspHost.Sdk.Testing.csproj", SmallTree.Package("xunit.v3")),
            "sdk/IspHost.Sdk.Testing names the package xunit.v3"),
        new(References.Restored,
            Small.With("plugins/Tax.Vat/packages.lock.json", """
                { "version": 1, "dependencies": { "net10.0": { "Microsoft.Orleans.Core": { "type": "Transitive" } } } }
                """),
            "plugins/Tax.Vat restores the package Microsoft.Orleans.Core"),
    ];
}
