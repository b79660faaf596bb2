using System.Reflection;
using System.Text.RegularExpressions;

namespace IspHost.PluginRuntime;

/// <summary>Reads the scripts of a plugin's schema from the resources of its assembly.</summary>
static partial class SchemaScripts
{
    public static IReadOnlyList<SchemaScript> In(Assembly assembly)
    {
        SchemaScript[] scripts =
        [
            .. from resource in assembly.GetManifestResourceNames()
               let match = Pattern().Match(resource)
               where match.Success
               orderby match.Groups["name"].Value
               select new SchemaScript(match.Groups["name"].Value, Read(assembly, resource)),
        ];
        RefuseRepeatedNumbers(scripts);
        return scripts;
    }

    static void RefuseRepeatedNumbers(SchemaScript[] scripts)
    {
        var repeated = scripts.GroupBy(script => script.Name[..4]).FirstOrDefault(same => same.Count() > 1);
        if (repeated is not null)
            throw new InvalidDataException($"Schema scripts have the same number: {string.Join(", ", repeated.Select(s => s.Name))}.");
    }

    static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"(?:^|[./\\])(?<name>[0-9]{4}-[A-Za-z0-9_-]+\.sql)\z")]
    private static partial Regex Pattern();
}
