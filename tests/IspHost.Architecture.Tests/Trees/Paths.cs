using System.Text.RegularExpressions;

namespace IspHost.Architecture.Tests.Trees;

/// <summary>Paths from the root of a repository, with slashes; the root itself is the empty path.</summary>
static class Paths
{
    public static string FolderOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string TopOf(string path) => path.Split('/')[0];

    /// <summary>The folders above, the nearest first, without the root.</summary>
    public static IEnumerable<string> Ancestors(string path)
    {
        for (var folder = FolderOf(path); folder.Length > 0; folder = FolderOf(folder))
            yield return folder;
    }

    /// <summary>Follows a relative path from a folder; null if it leaves the repository.</summary>
    public static string? Join(string folder, string relative)
    {
        var parts = new Stack<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in relative.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && !parts.TryPop(out _))
                return null;
            if (part is not (".." or "."))
                parts.Push(part);
        }
        return string.Join('/', parts.Reverse());
    }

    /// <summary>Whether a path fits a pattern: <c>*</c> stands for anything within a name, <c>**</c> for any folders.</summary>
    public static bool Fits(string path, string pattern)
        => Regex.IsMatch(path, "^" + Regex.Escape(pattern).Replace(@"\*\*/", "(.+/)?").Replace(@"\*", "[^/]*") + "$");
}
