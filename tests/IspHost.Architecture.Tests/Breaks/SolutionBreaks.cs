using IspHost.Architecture.Tests.Rules;

namespace IspHost.Architecture.Tests.Breaks;

static class SolutionBreaks
{
    const string Nested = "000000000011} = {00000000-0000-0000-0000-00000000000";

    public static IReadOnlyList<Break> All { get; } =
    [
        new(SolutionFile.Complete, SmallTree.InOrder.Without("IspHost.sln"), "IspHost.sln is not there"),
        new(SolutionFile.Complete,
            SmallTree.InOrder.With("tests/IspHost.Server.Tests/IspHost.Server.Tests.csproj", SmallTree.Package("xunit.v3")),
            "tests/IspHost.Server.Tests/IspHost.Server.Tests.csproj is not in IspHost.sln"),
        new(SolutionFile.Complete,
            SmallTree.InOrder.Without("samples/HelloTax/HelloTax.csproj"),
            "IspHost.sln names samples/HelloTax/HelloTax.csproj, which is not there"),
        new(SolutionFile.Complete,
            // In the small solution the folder plugins has number 2, samples has 3, and HelloTax 11.
            SmallTree.InOrder.Edit("IspHost.sln", Nested + "3}", Nested + "2}"),
            "samples/HelloTax/HelloTax.csproj is not below samples in IspHost.sln"),
        new(SolutionFile.Locked,
            SmallTree.InOrder.Without("plugins/Tax.Vat/packages.lock.json"),
            "plugins/Tax.Vat has no packages.lock.json"),
    ];
}
