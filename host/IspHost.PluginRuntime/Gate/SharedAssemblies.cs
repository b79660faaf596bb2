using System.Reflection;
using System.Runtime.Loader;
using Microsoft.AspNetCore.Http;

namespace IspHost.PluginRuntime;

/// <summary>
/// The assemblies that plugins share with the host: the framework, the SDK and what the host adds, with all they refer to.
/// </summary>
/// <remarks>
/// Sharing is what lets a plugin be unloaded: a private copy of a database driver or of EF Core subscribes to events of the process
/// and never dies. It is also what makes types on both sides the same types.
/// </remarks>
sealed class SharedAssemblies
{
    readonly Dictionary<string, Lazy<Version>> versions = new(StringComparer.OrdinalIgnoreCase);
    readonly HashSet<string> hostOnly = new(StringComparer.OrdinalIgnoreCase);

    public SharedAssemblies(IEnumerable<string> extra)
    {
        AddPlatform();
        AddWithReferences([typeof(IPlugin).Assembly.GetName().Name!, .. extra]);
        hostOnly.ExceptWith(versions.Keys);
    }

    public IEnumerable<string> Names => versions.Keys;

    public bool Contains(string name) => versions.ContainsKey(name);

    /// <summary>Whether the host has this assembly for itself: a plugin must bring its own copy.</summary>
    public bool IsHostOnly(string name) => hostOnly.Contains(name);

    public Version VersionOf(string name) => versions[name].Value;

    /// <summary>
    /// The framework's assemblies lie in its own folders; the others on the list are the host's. One of the framework's may be on the
    /// list with a newer file, which some package of the process has brought along: it is the framework's all the same.
    /// </summary>
    void AddPlatform()
    {
        var framework = NamesIn(FolderOf(typeof(object))).Concat(NamesIn(FolderOf(typeof(HttpContext)))).ToHashSet();
        var trusted = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "";
        foreach (var path in trusted.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (framework.Contains(name))
                versions[name] = new(() => AssemblyName.GetAssemblyName(path).Version ?? new());
            else
                hostOnly.Add(name);
        }
    }

    void AddWithReferences(IEnumerable<string> names)
    {
        var next = new Queue<string>(names);
        while (next.TryDequeue(out var name))
        {
            if (versions.ContainsKey(name) || Load(name) is not { } assembly)
                continue;

            versions[name] = new(assembly.GetName().Version ?? new());
            foreach (var reference in assembly.GetReferencedAssemblies())
                next.Enqueue(reference.Name!);
        }
    }

    static Assembly? Load(string name)
    {
        try
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName(name));
        }
        catch (FileNotFoundException)
        {
            return null; // An optional reference of a package that the host does without.
        }
    }

    static IEnumerable<string> NamesIn(string folder)
        => Directory.EnumerateFiles(folder, "*.dll").Select(file => Path.GetFileNameWithoutExtension(file));

    static string FolderOf(Type type) => Path.GetDirectoryName(type.Assembly.Location)!;
}
