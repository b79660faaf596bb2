using System.Collections.Frozen;

namespace IspHost.Scripting.Shared;

/// <summary>What scripts may name, by documentation id: api.txt. What the compiler may use by itself: compiler.txt.</summary>
/// <remarks>
/// The compile worker asks before it compiles, by symbol. The host asks again about what came out, by metadata. Both read the
/// same reviewed text, so that a hole in one is closed by the other.
/// </remarks>
sealed class ApiList
{
    readonly FrozenSet<string> allowed;
    readonly FrozenSet<string> linear;

    ApiList(string resource)
    {
        var lines = Read(resource).ToArray();
        allowed = lines.Select(line => line.TrimStart('~')).ToFrozenSet(StringComparer.Ordinal);
        linear = lines.Where(line => line[0] == '~').Select(line => line[1..]).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>What scripts may name.</summary>
    public static ApiList Scripts { get; } = new("api.txt");

    /// <summary>What the compiler may put into an image, besides.</summary>
    public static ApiList Compiler { get; } = new("compiler.txt");

    public bool Allows(string id) => allowed.Contains(id);

    /// <summary>Whether the work grows with the collection it is called on.</summary>
    public bool IsLinear(string id) => linear.Contains(id);

    /// <summary>The list, as text, to know one edition from another.</summary>
    public static string Text(string resource)
    {
        using var stream = typeof(ApiList).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    static IEnumerable<string> Read(string resource)
    {
        foreach (var line in Text(resource).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (line[0] != '#')
                yield return line.Split(" #", 2)[0].TrimEnd();
    }
}
