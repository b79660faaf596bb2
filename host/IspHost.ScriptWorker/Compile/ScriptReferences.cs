using System.Collections.Immutable;
using IspHost.ScriptWorker.Metering;
using IspHost.Sdk.Rating;
using Microsoft.CodeAnalysis;

namespace IspHost.ScriptWorker.Compile;

/// <summary>What scripts are compiled against: the core of the base library, the SDK, and the metered LINQ in place of LINQ.</summary>
static class ScriptReferences
{
    public const string Linq = "IspHost.ScriptWorker.Linq";

    /// <summary>Under this alias no name is found: its types serve the SDK's members, its LINQ would not be metered.</summary>
    const string Hidden = "hidden";

    public static IReadOnlyList<string> Namespaces { get; } =
        ["System", "System.Collections.Generic", "System.Globalization", Linq, "IspHost.Sdk.Rating"];

    public static IReadOnlyList<MetadataReference> All { get; } =
    [
        From(typeof(object).Assembly.Location),
        From(Framework("System.Runtime")),
        From(Framework("System.Collections")),
        From(typeof(ImmutableArray).Assembly.Location).WithAliases([Hidden]),
        From(typeof(RatingItem).Assembly.Location),
        From(typeof(Meter).Assembly.Location),
    ];

    static string Framework(string name) => Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, $"{name}.dll");

    static PortableExecutableReference From(string path) => MetadataReference.CreateFromFile(path);
}
