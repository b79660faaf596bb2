using System.Buffers;
using System.Text.RegularExpressions;

namespace IspHost.PluginRuntime;

/// <summary>The rules for names in an archive: each must mean the same file, below the folder it is unpacked to, on every system.</summary>
static partial class EntryName
{
    const int MaxLength = 200;

    /// <summary>What some system takes for something else: a stream, a wildcard, a drive, a folder.</summary>
    static readonly SearchValues<char> Special = SearchValues.Create("<>:\"|?*\\");

    /// <returns>What is wrong with the name; null if nothing is.</returns>
    public static string? Objection(string name)
    {
        if (name.Length is 0 or > MaxLength)
            return $"has not 1 to {MaxLength} characters";
        if (name.Any(c => c is < ' ' or > '~'))
            return "has a character that is not printable ASCII";
        if (name.AsSpan().ContainsAny(Special))
            return "has a character that is no part of a name on every system";
        return name.StartsWith('/') ? "is absolute" : name.Split('/').Select(OfPart).FirstOrDefault(objection => objection is not null);
    }

    static string? OfPart(string part) => part switch
    {
        "" => "has an empty part",
        "." or ".." => "leads elsewhere",
        [.., '.' or ' '] or [' ', ..] => "has a part that begins with a space, or ends with a dot or a space",
        _ => Device().IsMatch(part) ? "is a device of some systems" : null,
    };

    /// <summary>A name to be shown: what is no printable character is not repeated.</summary>
    public static string Shown(string name)
        => new([.. name.Take(80).Select(c => c is < ' ' or > '~' ? '?' : c), .. name.Length > 80 ? "..." : ""]);

    [GeneratedRegex(
        @"^(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)\s*(\..*)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Device();
}
