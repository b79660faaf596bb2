using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NuGet.Versioning;

namespace IspHost.PluginRuntime;

/// <summary>The scripts that make a schema what it is, in the order of their numbers: a plugin's, or the host's own.</summary>
public sealed partial record SchemaScripts(string Schema, IReadOnlyList<SchemaScript> Scripts)
{
    internal const string NameRule = "must be lower-case letters, digits and underscores, at most 40, beginning with a letter";

    /// <summary>The resources of an assembly whose file name begins with four digits and ends in <c>.sql</c>.</summary>
    /// <param name="schema">The schema's name.</param>
    /// <param name="assembly">Holds them.</param>
    /// <param name="folder">Leaves out those whose names do not begin so.</param>
    /// <exception cref="ArgumentException">A name is not of the form, two have one number, or the schema's name is none.</exception>
    public static SchemaScripts Of(string schema, Assembly assembly, string folder = "")
        => Of(schema,
            from resource in assembly.GetManifestResourceNames()
            where resource.StartsWith(folder, StringComparison.Ordinal)
            let file = File().Match(resource)
            where file.Success
            select (file.Groups["name"].Value, Read(assembly, resource)));

    /// <summary>Scripts given by name and text.</summary>
    /// <exception cref="ArgumentException">A name is not of the form, two have one number, or the schema's name is none.</exception>
    public static SchemaScripts Of(string schema, IEnumerable<(string Name, string Sql)> scripts)
    {
        if (!IsName(schema))
            throw new ArgumentException($"The schema's name {NameRule}; it is \"{schema}\".", nameof(schema));

        SchemaScript[] ordered =
            [.. scripts.Select(script => Parse(script.Name, script.Sql)).OrderBy(script => script.Name, StringComparer.Ordinal)];
        return ordered.GroupBy(script => script.Number).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new ArgumentException($"Schema {schema} has two scripts with the number {twice.Key:0000}.", nameof(scripts))
            : new SchemaScripts(schema, ordered);
    }

    internal static bool IsName(string schema) => SchemaName().IsMatch(schema);

    static SchemaScript Parse(string name, string sql)
    {
        var match = ScriptName().Match(name);
        return match.Success
            ? new SchemaScript(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), name, sql)
            : throw new ArgumentException($"'{name}' is not named like 0001-what-it-does.sql.", nameof(name));
    }

    static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,39}\z")]
    private static partial Regex SchemaName();

    [GeneratedRegex(@"^([0-9]{4})-[a-z0-9-]+\.sql\z")]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"(?:^|[./\\])(?<name>[0-9]{4}[^./\\]*\.sql)\z")]
    private static partial Regex File();
}

/// <summary>The schema of a plugin that is to be brought up to date and opened to it.</summary>
/// <param name="Plugin">Whose it is.</param>
/// <param name="Scripts">What makes it.</param>
/// <param name="HearsDatagrams">Whether the plugin listens on a port, and so works for whoever sends packets.</param>
/// <param name="Serving">The version that serves until the switch, and works on with the new schema; null if none does.</param>
public sealed record OwnedSchema(PluginIdentity Plugin, SchemaScripts Scripts, bool HearsDatagrams, NuGetVersion? Serving);

/// <summary>One step of a schema. Once released it is never edited: another step follows.</summary>
public sealed partial record SchemaScript(int Number, string Name, string Sql)
{
    /// <summary>
    /// The oldest version of the plugin that does without what the script takes away: its first line is <c>-- contract 1.3.0</c>. Null if
    /// it only adds.
    /// </summary>
    public NuGetVersion? Contracts
        => Contract().Match(Sql) is { Success: true } found && NuGetVersion.TryParseStrict(found.Groups[1].Value, out var version)
            ? version
            : null;

    /// <summary>SHA-256 of the text with line ends as LF.</summary>
    public byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n")));

    [GeneratedRegex(@"\A-- contract (\S{5,128})\r?\n")]
    private static partial Regex Contract();
}
