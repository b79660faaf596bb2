using System.Runtime.InteropServices;

namespace IspHost.ScriptWorker.Limits;

/// <summary>System calls by their numbers, which each architecture has its own of (Linux, asm/unistd.h).</summary>
sealed class Numbers
{
    public required uint Architecture { get; init; }

    public required long Seccomp { get; init; }

    public required uint Clone { get; init; }

    public uint Clone3 { get; init; } = 435;

    public required uint OpenAt { get; init; }

    public uint? Open { get; init; }

    /// <summary>Sockets, programs, other processes, changes to files and to the system.</summary>
    public required uint[] Refused { get; init; }

    public static Numbers? Of(Architecture architecture) => architecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => X64,
        System.Runtime.InteropServices.Architecture.Arm64 => Arm64,
        _ => null,
    };

    /// <summary>From 424 on all architectures share the numbers.</summary>
    static readonly uint[] Common =
    [
        424, // pidfd_send_signal
        425, 426, 427, // io_uring_setup, io_uring_enter, io_uring_register: they would do all of this in another way
        428, 429, 430, 431, 432, 433, // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick
        434, // pidfd_open
        437, // openat2: its flags lie in memory
        438, // pidfd_getfd
        440, // process_madvise
        442, // mount_setattr
    ];

    static readonly Numbers X64 = new()
    {
        Architecture = 0xC000003E,
        Seccomp = 317,
        Clone = 56,
        OpenAt = 257,
        Open = 2,
        Refused =
        [
            41, 42, 43, 49, 50, 53, 288, // socket, connect, accept, bind, listen, socketpair, accept4
            57, 58, 59, 322, // fork, vfork, execve, execveat
            62, 129, 297, 101, 310, 311, 312, // kill, rt_sigqueueinfo, rt_tgsigqueueinfo, ptrace, process_vm_readv, process_vm_writev, kcmp
            85, 82, 264, 316, 83, 258, 84, 87, 263, // creat, rename*, mkdir*, rmdir, unlink*
            86, 265, 88, 266, 133, 259, // link*, symlink*, mknod*
            76, 90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, // truncate, chmod*, chown*, utime*
            155, 161, 165, 166, 272, 308, // pivot_root, chroot, mount, umount2, unshare, setns
            105, 106, 113, 114, 117, 119, // setuid, setgid, setreuid, setregid, setresuid, setresgid
            169, 175, 176, 246, 320, 313, // reboot, init_module, delete_module, kexec_load, kexec_file_load, finit_module
            248, 249, 250, 298, 304, 321, 323, // keys, perf_event_open, open_by_handle_at, bpf, userfaultfd
            .. Common,
        ],
    };

    static readonly Numbers Arm64 = new()
    {
        Architecture = 0xC00000B7,
        Seccomp = 277,
        Clone = 220,
        OpenAt = 56,
        Refused =
        [
            198, 199, 200, 201, 202, 203, 242, // socket, socketpair, bind, listen, accept, connect, accept4
            221, 281, // execve, execveat
            129, 138, 240, // kill, rt_sigqueueinfo, rt_tgsigqueueinfo
            117, 270, 271, 272, // ptrace, process_vm_readv, process_vm_writev, kcmp
            33, 34, 35, 36, 37, 38, 276, // mknodat, mkdirat, unlinkat, symlinkat, linkat, renameat, renameat2
            45, 52, 53, 54, 55, 88, // truncate, fchmod, fchmodat, fchownat, fchown, utimensat
            39, 40, 41, 51, 97, 268, // umount2, mount, pivot_root, chroot, unshare, setns
            143, 144, 145, 146, 147, 149, // setregid, setgid, setreuid, setuid, setresuid, setresgid
            104, 105, 106, 142, 273, 294, // kexec_load, init_module, delete_module, reboot, finit_module, kexec_file_load
            217, 218, 219, 241, 265, 280, 282, // keys, perf_event_open, open_by_handle_at, bpf, userfaultfd
            .. Common,
        ],
    };
}
