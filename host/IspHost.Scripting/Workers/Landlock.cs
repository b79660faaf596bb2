using System.Runtime.InteropServices;

namespace IspHost.Scripting.Workers;

/// <summary>Linux's Landlock: a thread that has put it on, and what it starts, opens only files named here, and only to read.</summary>
/// <remarks>
/// It holds for one thread and what comes of it. A worker that put it on itself would do so when the runtime has threads already; so the
/// host does, on a thread that starts the worker and ends. See landlock(7).
/// </remarks>
static unsafe partial class Landlock
{
    const long CreateRuleset = 444, AddRule = 445, RestrictSelf = 446;
    const uint AskVersion = 1, PathBeneath = 1;
    const int SetNoNewPrivileges = 38, OpenPath = 0x200000, CloseOnExec = 0x80000;
    const ulong Execute = 1 << 0, ReadFile = 1 << 2, ReadFolder = 1 << 3;

    /// <summary>None of TCP, no signals and no abstract sockets to anybody outside.</summary>
    const ulong AllNet = 0b11, AllScopes = 0b11;

    /// <summary>0 where the kernel has none, or has it switched off.</summary>
    public static int Version { get; } = OperatingSystem.IsLinux() ? (int)Math.Max(0, SystemCall(CreateRuleset, null, 0, AskVersion)) : 0;

    /// <returns>False where the kernel has no Landlock: then nothing is restricted.</returns>
    public static bool TryRestrictThread(IEnumerable<string> readable)
    {
        if (Version == 0)
            return false;
        var rules = new Ruleset { Files = AllFiles(Version), Net = Version >= 4 ? AllNet : 0, Scopes = Version >= 6 ? AllScopes : 0 };
        var size = Version >= 6 ? 24 : Version >= 4 ? 16 : 8;
        var ruleset = (int)SystemCall(CreateRuleset, &rules, size, 0);
        if (ruleset < 0)
            return false;
        foreach (var path in readable)
            Allow(ruleset, path);
        var isDone = ControlProcess(SetNoNewPrivileges, 1, 0, 0, 0) == 0 && SystemCall(RestrictSelf, (void*)ruleset, 0, 0) == 0;
        _ = Close(ruleset);
        return isDone;
    }

    /// <summary>What each version of the kernel's interface can refuse; a bit that it does not know would be an error.</summary>
    static ulong AllFiles(int version) => (1UL << (version switch { 1 => 13, 2 => 14, 3 or 4 => 15, _ => 16 })) - 1;

    /// <summary>What is not there needs no rule.</summary>
    static void Allow(int ruleset, string path)
    {
        var file = Open(path, OpenPath | CloseOnExec);
        if (file < 0)
            return;
        var rule = new Rule { Access = Execute | ReadFile | (Directory.Exists(path) ? ReadFolder : 0), File = file };
        _ = SystemCall(AddRule, (void*)ruleset, PathBeneath, &rule);
        _ = Close(file);
    }

    static long SystemCall(long number, void* first, long second, long third) => SystemCall(number, first, second, (void*)third, null);

    static long SystemCall(long number, void* first, long second, void* third) => SystemCall(number, first, second, third, null);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long SystemCall(long number, void* first, long second, void* third, void* fourth);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ControlProcess(int option, ulong first, ulong second, ulong third, ulong fourth);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);

    [StructLayout(LayoutKind.Sequential)]
    struct Ruleset
    {
        public ulong Files, Net, Scopes;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    struct Rule
    {
        public ulong Access;
        public int File;
    }
}
