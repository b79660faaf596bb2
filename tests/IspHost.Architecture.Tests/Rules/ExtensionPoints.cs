using IspHost.Architecture.Tests.Trees;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>What an author finds for each interface of the SDK that is marked <c>[ExtensionPoint("name", ...)]</c>.</summary>
static class ExtensionPoints
{
    public const string Suite = "Every extension point has a conformance suite.";
    public const string Page = "Every extension point has a page for plugin authors.";
    public const string Proxy = "Every extension point has a proxy in the plugin runtime.";
    public const string Sample = "Every extension point has a sample.";

    public static IReadOnlyList<Rule> Rules { get; } =
    [
        new(Suite, tree => Lacking(tree, HasSuite, point => $"a class {SuiteOf(point)} in sdk/IspHost.Sdk.Testing")),
        new(Proxy, tree => Lacking(tree, HasProxy, point => $"a class {ProxyOf(point)} in host/IspHost.PluginRuntime")),
        new(Page, tree => Lacking(tree, (_, point) => tree.HasFile(PageOf(point)), PageOf)),
        new(Sample, tree => Lacking(tree, HasSample, point => $"a class in samples that implements {point.Interface}")),
    ];

    static IEnumerable<string> Lacking(Tree tree, Func<Tree, Point, bool> has, Func<Point, string> what)
        => PointsOf(tree).Where(point => !has(tree, point)).Select(point => $"{point.Name} lacks {what(point)}");

    static IEnumerable<Point> PointsOf(Tree tree)
        => from source in tree.Sources
           where source.Path.StartsWith("sdk/", StringComparison.Ordinal)
           from contract in source.All<InterfaceDeclarationSyntax>()
           from attribute in contract.AttributeLists.SelectMany(list => list.Attributes)
           where attribute.Name.ToString() is "ExtensionPoint" or "ExtensionPointAttribute"
           select new Point(NameIn(attribute), contract.Identifier.Text);

    static string NameIn(AttributeSyntax attribute)
        => (attribute.ArgumentList?.Arguments.FirstOrDefault()?.Expression as LiteralExpressionSyntax)?.Token.ValueText ?? "?";

    static string SuiteOf(Point point) => point.Interface[1..] + "Conformance";

    static string ProxyOf(Point point) => point.Interface[1..] + "Proxy";

    static string PageOf(Point point) => $"docs/plugin-authors/{point.Name}.md";

    static bool HasSuite(Tree tree, Point point)
        => Classes(tree, "sdk/IspHost.Sdk.Testing/").Any(type => type.Identifier.Text == SuiteOf(point));

    static bool HasProxy(Tree tree, Point point)
        => Classes(tree, "host/IspHost.PluginRuntime/").Any(type => type.Identifier.Text == ProxyOf(point));

    static bool HasSample(Tree tree, Point point)
        => Classes(tree, "samples/").Any(type => type.BaseList?.Types.Any(parent => LastName(parent.Type) == point.Interface) == true);

    static IEnumerable<ClassDeclarationSyntax> Classes(Tree tree, string folder)
        => tree.Sources
            .Where(source => source.Path.StartsWith(folder, StringComparison.Ordinal))
            .SelectMany(source => source.All<ClassDeclarationSyntax>());

    static string LastName(SyntaxNode type) => type.ToString().Split('.')[^1];

    sealed record Point(string Name, string Interface);
}
