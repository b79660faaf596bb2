using IspHost.Architecture.Tests.Rules;

namespace IspHost.Architecture.Tests.Breaks;

static class SilenceBreaks
{
    const string File = "host/IspHost.Core/Customers/Customer.cs";

    public static IReadOnlyList<Break> All { get; } =
    [
        new(Silence.Projects,
            SmallTree.InOrder.Edit("Directory.Build.props", "<!-- The law asks for it. -->", ""),
            "Directory.Build.props sets NoWarn to CA1000 without a reason"),
        new(Silence.Editor,
            SmallTree.InOrder.With(".editorconfig", "root = true\ndotnet_diagnostic.CA1000.severity = none\n"),
            ".editorconfig:2 has no reason"),
        new(Silence.Sources,
            SmallTree.InOrder.With(File, "// A reason.\n#pragma warning disable\nsealed class Customer;\n"),
            $"{File}:2 silences everything without a reason"),
        new(Silence.Sources,
            SmallTree.InOrder.With(File, "\n#pragma warning disable CA1000\nsealed class Customer;\n"),
            $"{File}:2 silences CA1000 without a reason"),
        new(Silence.Sources,
            SmallTree.InOrder.With(File, "[SuppressMessage(\"Design\", \"CA1000\")]\nsealed class Customer;\n"),
            $"{File}:1 has a SuppressMessage without a justification"),
    ];
}
