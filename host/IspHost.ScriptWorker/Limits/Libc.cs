using System.Globalization;
using System.Runtime.InteropServices;

namespace IspHost.ScriptWorker.Limits;

/// <summary>The few calls of the C library that a process limits itself with.</summary>
static partial class Libc
{
    public const int LimitCore = 4, LimitFiles = 7, LimitAddressSpace = 9;

    const int SetNoNewPrivileges = 38;

    public static bool SetLimit(int resource, ulong value)
    {
        var limit = new Limit { Soft = value, Hard = value };
        return SetResourceLimit(resource, in limit) == 0;
    }

    public static bool RefuseNewPrivileges() => ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0) == 0;

    /// <summary>The processor time of the calling thread.</summary>
    public static bool TryGetThreadTime(out TimeSpan time)
    {
        const int threadClock = 3;
        var isKnown = GetTime(threadClock, out var now) == 0;
        time = TimeSpan.FromSeconds(now.Seconds) + TimeSpan.FromMicroseconds(now.Nanoseconds / 1000.0);
        return isKnown;
    }

    /// <summary>Every thread, since the kernel has a priority for each; new ones take it from who starts them.</summary>
    public static void LowerPriority(int niceness)
    {
        const int ofThread = 0;
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var thread = uint.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture);
            if (GetPriority(ofThread, thread) < niceness)
                _ = SetPriority(ofThread, thread, niceness);
        }
    }

    public static uint UserId() => EffectiveUser();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static unsafe partial long SystemCall(long number, long first, long second, void* third);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetResourceLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ProcessControl(int option, ulong first, ulong second, ulong third, ulong fourth);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetTime(int clock, out Moment time);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetPriority(int which, uint who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetPriority(int which, uint who, int niceness);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint EffectiveUser();

    [StructLayout(LayoutKind.Sequential)]
    struct Moment
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
