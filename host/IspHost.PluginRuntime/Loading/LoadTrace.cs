using System.Globalization;

namespace IspHost.PluginRuntime;

/// <summary>Remembers on disk which plugin is being loaded, for the process that comes after one that did not survive it.</summary>
/// <remarks>
/// A stack overflow, a call of FailFast or native code ends the process, and the next start would do the same again. Being killed from
/// outside in that moment looks alike, so it takes two times in a row, with the same files.
/// </remarks>
sealed class LoadTrace(PluginStore store)
{
    const int Most = 2;

    /// <summary>Notes that the plugin is being loaded, until the answer is disposed.</summary>
    /// <param name="plugin">Its id.</param>
    /// <param name="files">By what its files are known.</param>
    /// <param name="isAsked">Whether somebody asks for it, and not just a start.</param>
    /// <exception cref="PluginLoadException">The last two processes that loaded these files ended before they were done.</exception>
    public IDisposable Begin(string plugin, string files, bool isAsked)
    {
        var path = Path.Combine(store.Root, ".loading", plugin.ToLowerInvariant());
        var deaths = DeathsBy(path, files);
        if (deaths >= Most && !isAsked)
            throw PluginRefusal.EndedTheProcess.Of(plugin, $"the server ended {deaths} times while it loaded this plugin");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{files} {deaths + 1}"));
        return new Note(path);
    }

    static int DeathsBy(string path, string files)
        => File.Exists(path) && File.ReadAllText(path).Split(' ') is [var known, var deaths] && known == files
            && int.TryParse(deaths, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 0;

    sealed class Note(string path) : IDisposable
    {
        public void Dispose() => File.Delete(path);
    }
}
