using System.Runtime.InteropServices;

namespace IspHost.ScriptWorker.Limits;

/// <summary>System calls by their numbers, which each architecture has its own of (Linux, asm/unistd.h).</summary>
sealed class Numbers
{
    public required uint Architecture { get; init; }

    public required long Seccomp { get; init; }

    public required uint Clone { get; init; }

    public uint Clone3 { get; init; } = 435;

    /// <summary>A signal to a thread: the runtime sends them to its own.</summary>
    public required uint SignalThread { get; init; }

    /// <summary>Limits and processors of a process, by its number or 0 for itself: whenever a thread starts, it asks for its own.</summary>
    public required uint[] OfItself { get; init; }

    public required uint OpenAt { get; init; }

    public uint? Open { get; init; }

    /// <summary>Sockets, programs, other processes and what is shared with them, changes to files and to the system.</summary>
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
        442, 443, // mount_setattr, quotactl_fd
        448, // process_mrelease
    ];

    static readonly Numbers X64 = new()
    {
        Architecture = 0xC000003E,
        Seccomp = 317,
        Clone = 56,
        SignalThread = 234,
        OfItself = [302, 203], // prlimit64, sched_setaffinity
        OpenAt = 257,
        Open = 2,
        Refused =
        [
            41, 42, 43, 49, 50, 53, 288, // socket, connect, accept, bind, listen, socketpair, accept4
            57, 58, 59, 322, // fork, vfork, execve, execveat
            62, 200, 129, 297, 101, 310, 311, 312, // kill, tkill, rt_*sigqueueinfo, ptrace, process_vm_readv, process_vm_writev, kcmp
            141, 251, 142, 144, 314, 256, 279, // setpriority, ioprio_set, sched_setparam, _setscheduler, _setattr, *_pages
            29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71, 240, 241, // System V memory, semaphores and messages; mq_open, mq_unlink
            85, 82, 264, 316, 83, 258, 84, 87, 263, // creat, rename*, mkdir*, rmdir, unlink*
            86, 265, 88, 266, 133, 259, // link*, symlink*, mknod*
            76, 90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, // truncate, chmod*, chown*, utime*
            188, 189, 190, 197, 198, 199, // setxattr*, removexattr*
            155, 161, 165, 166, 272, 308, // pivot_root, chroot, mount, umount2, unshare, setns
            105, 106, 113, 114, 116, 117, 119, 122, 123, 126, // set*uid, set*gid, setgroups, capset
            169, 175, 176, 246, 320, 313, // reboot, init_module, delete_module, kexec_load, kexec_file_load, finit_module
            163, 164, 167, 168, 170, 171, 172, 173, 179, // acct, settimeofday, swap*, sethostname, setdomainname, iopl, ioperm, quotactl
            103, 135, 153, 154, 159, 227, 305, 300, // syslog, personality, vhangup, modify_ldt, adjtimex, clock_*, fanotify_init
            248, 249, 250, 298, 304, 321, 323, // keys, perf_event_open, open_by_handle_at, bpf, userfaultfd
            .. Common,
        ],
    };

    static readonly Numbers Arm64 = new()
    {
        Architecture = 0xC00000B7,
        Seccomp = 277,
        Clone = 220,
        SignalThread = 131,
        OfItself = [261, 122], // prlimit64, sched_setaffinity
        OpenAt = 56,
        Refused =
        [
            198, 199, 200, 201, 202, 203, 242, // socket, socketpair, bind, listen, accept, connect, accept4
            221, 281, // execve, execveat
            129, 130, 138, 240, // kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            117, 270, 271, 272, // ptrace, process_vm_readv, process_vm_writev, kcmp
            140, 30, 118, 119, 274, 238, 239, // setpriority, ioprio_set, sched_setparam, _setscheduler, _setattr, *_pages
            194, 195, 196, 197, 190, 191, 192, 193, 186, 187, 188, 189, 180, 181, // System V memory, semaphores, messages; mq_*
            33, 34, 35, 36, 37, 38, 276, // mknodat, mkdirat, unlinkat, symlinkat, linkat, renameat, renameat2
            45, 52, 53, 54, 55, 88, // truncate, fchmod, fchmodat, fchownat, fchown, utimensat
            5, 6, 7, 14, 15, 16, // setxattr*, removexattr*
            39, 40, 41, 51, 97, 268, // umount2, mount, pivot_root, chroot, unshare, setns
            91, 143, 144, 145, 146, 147, 149, 151, 152, 159, // capset, set*gid, set*uid, setgroups
            104, 105, 106, 142, 273, 294, // kexec_load, init_module, delete_module, reboot, finit_module, kexec_file_load
            89, 170, 224, 225, 161, 162, 60, // acct, settimeofday, swap*, sethostname, setdomainname, quotactl
            116, 92, 58, 171, 112, 266, 262, // syslog, personality, vhangup, adjtimex, clock_*, fanotify_init
            217, 218, 219, 241, 265, 280, 282, // keys, perf_event_open, open_by_handle_at, bpf, userfaultfd
            .. Common,
        ],
    };
}
