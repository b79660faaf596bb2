using IspHost.EmbeddedPostgres;
using IspHost.Scripting.Workers;

namespace IspHost.Scripting;

/// <summary>What stands between a script and the machine when all that refuses and meters scripts has failed.</summary>
public static class ScriptLayers
{
    /// <summary>The garbage-collected heap is bounded.</summary>
    public const string HeapLimit = "heap-limit";

    /// <summary>Address space, open files and core dumps are bounded.</summary>
    public const string ResourceLimits = "rlimits";

    /// <summary>No program that it might start has more rights.</summary>
    public const string NoNewPrivileges = "no-new-privileges";

    /// <summary>The kernel refuses calls that reach the network, other processes or the system.</summary>
    public const string Seccomp = "seccomp";

    /// <summary>The kernel lets it open what workers are made of, and nothing else.</summary>
    public const string Landlock = "landlock";

    /// <summary>It is not root.</summary>
    public const string UnprivilegedUser = "unprivileged-user";

    /// <summary>All of them. A worker that lacks one serves no scripts, unless <see cref="ScriptOptions.Without"/> names it.</summary>
    public static IReadOnlyList<string> All { get; } = [HeapLimit, ResourceLimits, NoNewPrivileges, Seccomp, Landlock, UnprivilegedUser];

    /// <summary>Those that workers cannot have here: no Linux, no Landlock, or nobody whom root could start them as.</summary>
    public static IReadOnlyList<string> LackingHere { get; } = [.. All.Where(IsLacking)];

    static bool IsLacking(string layer) => layer switch
    {
        HeapLimit => false,
        Landlock => Workers.Landlock.Version == 0,
        UnprivilegedUser => SystemUser.IsRoot && (SystemUser.SetPriv is null || WorkerPlace.DotnetBarrier is not null),
        _ => !OperatingSystem.IsLinux(),
    };
}
