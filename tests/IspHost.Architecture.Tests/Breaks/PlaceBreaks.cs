using IspHost.Architecture.Tests.Rules;

namespace IspHost.Architecture.Tests.Breaks;

static class PlaceBreaks
{
    public static IReadOnlyList<Break> All { get; } =
    [
        new(Places.Core,
            SmallTree.InOrder.With("host/IspHost.Core/Customers.cs", "sealed class Customers;\n"),
            "host/IspHost.Core/Customers.cs"),
        new(Places.Top, SmallTree.InOrder.With("build.sh", "dotnet build\n"), "build.sh"),
        new(Places.Top, SmallTree.InOrder.With("tools/gen/README.md", "# A generator\n"), "tools"),
        new(Places.Readme, SmallTree.InOrder.Without("plugins/README.md"), "plugins has no README.md"),
    ];
}
