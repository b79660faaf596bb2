using IspHost.Architecture.Tests.Rules;

namespace IspHost.Architecture.Tests.Breaks;

static class ExtensionPointBreaks
{
    public static IReadOnlyList<Break> All { get; } =
    [
        new(ExtensionPoints.Suite,
            SmallTree.InOrder.Without("sdk/IspHost.Sdk.Testing/Taxes/TaxEngineConformance.cs"),
            "tax lacks a class TaxEngineConformance in sdk/IspHost.Sdk.Testing"),
        new(ExtensionPoints.Proxy,
            SmallTree.InOrder.Without("host/IspHost.PluginRuntime/Extensions/TaxEngineProxy.cs"),
            "tax lacks a class TaxEngineProxy in host/IspHost.PluginRuntime"),
        new(ExtensionPoints.Page,
            SmallTree.InOrder.Without("docs/plugin-authors/tax.md"),
            "tax lacks docs/plugin-authors/tax.md"),
        new(ExtensionPoints.Sample,
            SmallTree.InOrder.Edit("samples/HelloTax/FlatTax.cs", " : ITaxEngine", " : IDisposable"),
            "tax lacks a class in samples that implements ITaxEngine"),
    ];
}
