using System.Runtime.InteropServices;

namespace IspHost.ScriptWorker.Limits;

/// <summary>What the worker gives up before it sees the first script. It cannot be taken back, and needs no rights.</summary>
static class SelfLimits
{
    /// <summary>Address space, not memory: the runtime reserves more than it uses. The heap has its own limit.</summary>
    const ulong RunAddressBytes = 6UL << 30, CompileAddressBytes = 8UL << 30;

    const ulong OpenFiles = 128;

    /// <summary>About a tenth of what a process beside it gets: access of subscribers comes before anybody's bill.</summary>
    const int Niceness = 10;

    /// <returns>The layers that are in force; what the platform does not have is not among them.</returns>
    public static IReadOnlyList<string> PutOn(bool isCompiler)
    {
        var layers = new List<string>();
        if (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < 1L << 30)
            layers.Add("heap-limit");
        if (!OperatingSystem.IsLinux())
            return layers;
        if (Libc.SetLimit(Libc.LimitCore, 0) && Libc.SetLimit(Libc.LimitFiles, OpenFiles)
            && Libc.SetLimit(Libc.LimitAddressSpace, isCompiler ? CompileAddressBytes : RunAddressBytes))
            layers.Add("rlimits");
        Libc.LowerPriority(Niceness);
        if (Libc.RefuseNewPrivileges())
            layers.Add("no-new-privileges");
        if (Seccomp.TryInstall(RuntimeInformation.ProcessArchitecture))
            layers.Add("seccomp");
        if (IsConfined())
            layers.Add("landlock");
        if (Libc.UserId() != 0)
            layers.Add("unprivileged-user");
        return layers;
    }

    /// <summary>The host had the kernel put Landlock on before this program began: here it is seen whether it holds.</summary>
    static bool IsConfined()
    {
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries("/").GetEnumerator();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }
}
