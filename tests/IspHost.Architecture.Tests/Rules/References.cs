using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Rules;

/// <summary>Who may reference whom. The folder says what a project is, so a new one is covered on its first day.</summary>
static class References
{
    public const string Projects = "A project references only projects that its kind may reference.";
    public const string Packages = "A project names only packages that its kind may name.";
    public const string Restored = "No package comes in by way of another that its kind must never have.";

    const string Orleans = "Microsoft.Orleans.*";
    const string EfCore = "Microsoft.EntityFrameworkCore*";

    static readonly string[] Sdk = ["sdk/IspHost.Sdk", "sdk/IspHost.Sdk.Data"];
    static readonly string[] TestFrameworks = ["xunit*", "NUnit*", "MSTest*"];

    /// <summary>The first row whose folder fits is the project's.</summary>
    static readonly Kind[] Table =
    [
        new("sdk/IspHost.Sdk", [],
            ["NodaTime", "NodaTime.Serialization.SystemTextJson", "Microsoft.Extensions.*.Abstractions"], [Orleans, EfCore, "Npgsql*"]),
        new("sdk/IspHost.Sdk.Data", ["sdk/IspHost.Sdk"], [EfCore, "EFCore.NamingConventions", "Npgsql*", "NodaTime"], [Orleans]),
        // It runs plugins in the host's own runtime: docs/adr/0011.
        new("sdk/IspHost.Sdk.Testing", [.. Sdk, "host/IspHost.PluginRuntime"],
            ["NodaTime", "NodaTime.Testing", "Microsoft.Extensions.*"], [Orleans, .. TestFrameworks]),
        new("sdk/IspHost.Sdk.Templates", [], [], []),
        // It knows the API's document and nothing else of ours.
        new("sdk/IspHost.Client", [], ["Microsoft.Kiota.*"], [Orleans, EfCore, "Npgsql*", .. TestFrameworks]),
        new("host/IspHost.EmbeddedPostgres", [], ["MysticMind.PostgresEmbed", "Npgsql"], [Orleans, EfCore]),
        new("host/IspHost.PluginRuntime", ["sdk/IspHost.Sdk"],
            ["McMaster.NETCore.Plugins", "NuGet.Packaging", "NuGet.Versioning", "Polly.Core"], [Orleans, EfCore]),
        // Of the private PostgreSQL one source is linked: whom root starts programs as.
        new("host/IspHost.Script*", ["sdk/IspHost.Sdk", "host/IspHost.Script*", "host/IspHost.EmbeddedPostgres"],
            ["Microsoft.CodeAnalysis.*"], [Orleans, EfCore, "Npgsql*"]),
        new("host/IspHost.Core",
            [.. Sdk, "host/IspHost.EmbeddedPostgres", "host/IspHost.PluginRuntime", "host/IspHost.Scripting"], ["*"], TestFrameworks),
        new("host/IspHost.PluginWorker", ["sdk/IspHost.Sdk", "host/IspHost.PluginRuntime"], ["*"], [Orleans, EfCore, .. TestFrameworks]),
        new("host/IspHost.Portal", [.. Sdk, "host/IspHost.Core"], ["*"], TestFrameworks),
        // The command demo plays access servers, as tests of the server do; they know nothing of ours but the protocol.
        new("host/IspHost.Server", [.. Sdk, "host/*", "tests/IspHost.Simulator"], ["*"], TestFrameworks),
        new("plugins/*", Sdk, ["*"], [Orleans, .. TestFrameworks]),
        new("samples/*", [.. Sdk, "sdk/IspHost.Sdk.Testing"], ["*"], [Orleans]),
        // A fixture may be a later version of another one, made from its sources.
        new("tests/fixtures/*", [.. Sdk, "tests/fixtures/*"], ["*"], [Orleans]),
        // The build file above it names test frameworks, for test projects alone: what the server restores shows that it has none.
        new("tests/IspHost.Simulator", [], ["*"], [Orleans, EfCore]),
        new("tests/*", ["sdk/*", "host/*", "plugins/*", "samples/*", "tests/*"], ["*"], []),
    ];

    public static IReadOnlyList<Rule> Rules { get; } = [new(Projects, OfProjects), new(Packages, OfPackages), new(Restored, OfRestored)];

    static IEnumerable<string> OfProjects(Tree tree)
        => from project in tree.Projects
           let kind = KindOf(project)
           from offence in kind is null
               ? [$"{project.Folder} is of no kind that the table knows: give it a row"]
               : project.References.Where(target => !MayReference(tree, kind, target)).Select(target => Show(tree, project, kind, target))
           select offence;

    static bool MayReference(Tree tree, Kind kind, string target)
        => tree.HasFile(target) && kind.Projects.Any(pattern => Paths.Fits(Paths.FolderOf(target), pattern));

    static string Show(Tree tree, Project project, Kind kind, string target)
    {
        if (!tree.HasFile(target))
            return $"{project.Folder} references {target}, which is not there";
        var allowed = kind.Projects.Count == 0 ? "nothing of ours" : string.Join(", ", kind.Projects);
        return $"{project.Folder} references {Paths.FolderOf(target)}; it may reference {allowed}";
    }

    static IEnumerable<string> OfPackages(Tree tree)
        => from project in tree.Projects
           let kind = KindOf(project)
           where kind is not null
           from package in project.Packages
           where !Fits(package, kind.Packages) || Fits(package, kind.Never)
           select $"{project.Folder} names the package {package}";

    static IEnumerable<string> OfRestored(Tree tree)
        => from project in tree.Projects
           let kind = KindOf(project)
           where kind is not null
           from package in project.Restored
           where Fits(package, kind.Never)
           select $"{project.Folder} restores the package {package}";

    static bool Fits(string package, IReadOnlyList<string> patterns) => patterns.Any(pattern => Paths.Fits(package, pattern));

    static Kind? KindOf(Project project) => Table.FirstOrDefault(kind => Paths.Fits(project.Folder, kind.Folder));

    /// <param name="Folder">Where such projects are.</param>
    /// <param name="Projects">The folders of projects that it may reference.</param>
    /// <param name="Packages">What it may name.</param>
    /// <param name="Never">What must not come in, not even by way of another package.</param>
    sealed record Kind(string Folder, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, IReadOnlyList<string> Never);
}
