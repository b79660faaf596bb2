using System.Runtime.InteropServices;

namespace IspHost.Scripting.Workers;

/// <summary>Where the worker's executable is, and who can read it there.</summary>
static class WorkerPlace
{
    const string Name = "IspHost.ScriptWorker";

    static string FileName => OperatingSystem.IsWindows() ? $"{Name}.exe" : Name;

    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string Find(string? configured)
    {
        var places = configured is null ? Candidates(AppContext.BaseDirectory) : [configured];
        return places.FirstOrDefault(File.Exists) is { } found
            ? Path.GetFullPath(found)
            : throw new FileNotFoundException($"The worker for price scripts is not there: {places.First()}.");
    }

    /// <summary>Beside the host, in a folder of its own; or where the build says that it put it, in a file that is not published.</summary>
    internal static IEnumerable<string> Candidates(string here)
    {
        yield return Path.Combine(here, "script-worker", FileName);
        var built = Path.Combine(here, "script-worker.path");
        if (File.Exists(built))
            yield return Path.Combine(File.ReadAllText(built).Trim(), FileName);
    }

    /// <summary>The folder of the running .NET: a worker without an environment cannot look for it.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>What keeps other users from running .NET, or null.</summary>
    public static string? DotnetBarrier => Barrier(Path.Combine(DotnetRoot, "host", "fxr"));

    /// <summary>The worker for a user who cannot read it where it is installed: a copy in this folder, which everybody may pass.</summary>
    public static string Copy(string worker, string folder)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "worker")).FullName;
        Open(target);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(worker)!))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            Open(Path.Combine(target, Path.GetFileName(file)));
        }

        return Path.Combine(target, Path.GetFileName(worker));
    }

    /// <summary>The first folder on the way to a file that others cannot pass, or the file if they cannot read it, or null.</summary>
    public static string? Barrier(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        if (!Path.Exists(path) || !File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead))
            return path;
        for (var folder = Directory.GetParent(path); folder is not null; folder = folder.Parent)
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return folder.FullName;
        return null;
    }

    static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }
}
