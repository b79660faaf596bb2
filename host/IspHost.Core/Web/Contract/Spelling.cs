namespace IspHost.Core.Web.Contract;

/// <summary>What to say of a name that there is not.</summary>
static class Spelling
{
    const int MostEdits = 2;
    const int LongestName = 64;

    /// <summary>The rule that a field or parameter breaks which nothing reads.</summary>
    public static string Unknown(string name, IEnumerable<string> known)
        => Nearest(name, known) is { } meant ? $"left out: there is no such field; '{meant}' is one" : "left out: there is no such field";

    static string? Nearest(string name, IEnumerable<string> known)
        => name.Length > LongestName
            ? null
            : known.Select(other => (other, edits: Edits(name, other)))
                .Where(near => near.edits <= MostEdits && near.edits < near.other.Length)
                .OrderBy(near => near.edits).ThenBy(near => near.other, StringComparer.Ordinal).Select(near => near.other).FirstOrDefault();

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein's distance).</summary>
    static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var before = row[0]++;
            for (var j = 1; j <= to.Length; j++)
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + (from[i - 1] == to[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
