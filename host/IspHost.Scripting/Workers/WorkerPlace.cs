using System.Runtime.InteropServices;

namespace IspHost.Scripting.Workers;

/// <summary>Where the worker's executable is, and as whom it can be started.</summary>
static class WorkerPlace
{
    const string Name = "IspHost.ScriptWorker";
    const string Nobody = "nobody";

    static string FileName => OperatingSystem.IsWindows() ? $"{Name}.exe" : Name;

    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string Find(string? configured)
    {
        var found = configured is null ? Candidates().FirstOrDefault(File.Exists) : File.Exists(configured) ? configured : null;
        return found is null
            ? throw new FileNotFoundException($"The worker for price scripts is not there: {configured ?? Candidates().First()}.")
            : Path.GetFullPath(found);
    }

    /// <summary>Installed: beside the host, in a folder of its own. In development: the same build's output.</summary>
    static IEnumerable<string> Candidates()
    {
        var here = AppContext.BaseDirectory;
        yield return Path.Combine(here, "script-worker", FileName);
        yield return Path.Combine(here, FileName);
        var configuration = new DirectoryInfo(here).Name;
        yield return Path.Combine(here, "..", "..", Name, configuration, FileName);
    }

    /// <summary>The folder of the running .NET: a worker without an environment cannot look for it.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>A host that is root gives the worker to nobody, if nobody can read what the worker is made of.</summary>
    public static string? User(string worker)
    {
        var isPossible = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && IsReadable(worker) && IsReadable(Path.Combine(DotnetRoot, "host", "fxr"));
        return isPossible ? Nobody : null;
    }

    static bool IsReadable(string path)
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) == 0)
            return false;
        for (var folder = Directory.GetParent(path); folder is not null; folder = folder.Parent)
            if ((folder.UnixFileMode & UnixFileMode.OtherExecute) == 0)
                return false;
        return true;
    }
}
