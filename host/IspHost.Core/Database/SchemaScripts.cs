using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace IspHost.Core.Database;

/// <summary>The scripts that make a schema what it is, in the order of their numbers.</summary>
public sealed partial record SchemaScripts(string Schema, IReadOnlyList<SchemaScript> Scripts)
{
    /// <summary>The resources of an assembly that are named <c>NNNN-what.sql</c>, behind the prefix if one is given.</summary>
    public static SchemaScripts Of(string schema, Assembly assembly, string prefix = "")
        => Of(schema, assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal) && name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => (name[prefix.Length..], Read(assembly, name))));

    /// <summary>Scripts given by name and text.</summary>
    /// <exception cref="ArgumentException">A name is not of the form, two have one number, or the schema's name is none.</exception>
    public static SchemaScripts Of(string schema, IEnumerable<(string Name, string Sql)> scripts)
    {
        if (!SchemaName().IsMatch(schema))
            throw new ArgumentException(
                $"'{schema}' cannot be a schema's name: lower-case letters, digits and underscores, at most 40.", nameof(schema));

        var ordered = scripts
            .OrderBy(script => script.Name, StringComparer.Ordinal)
            .Select(script => Parse(script.Name, script.Sql))
            .ToList();
        if (ordered.GroupBy(script => script.Number).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Schema {schema} has two scripts with the number {twice.Key:0000}.", nameof(scripts));
        return new SchemaScripts(schema, ordered);
    }

    static SchemaScript Parse(string name, string sql)
    {
        var match = ScriptName().Match(name);
        if (!match.Success)
            throw new ArgumentException($"'{name}' is not named like 0001-what-it-does.sql.", nameof(name));
        return new SchemaScript(int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), name, sql);
    }

    static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$")]
    private static partial Regex SchemaName();

    [GeneratedRegex(@"^([0-9]{4})-[a-z0-9-]+\.sql$")]
    private static partial Regex ScriptName();
}

/// <summary>One step of a schema. Once released it is never edited: another step follows.</summary>
public sealed record SchemaScript(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with line ends as LF.</summary>
    public byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n")));
}
