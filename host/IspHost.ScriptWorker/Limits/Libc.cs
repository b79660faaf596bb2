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

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint EffectiveUser();

    [StructLayout(LayoutKind.Sequential)]
    struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
