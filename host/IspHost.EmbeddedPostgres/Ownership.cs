using System.Runtime.InteropServices;

namespace IspHost.EmbeddedPostgres;

/// <summary>Whose files are, which .NET itself does not tell.</summary>
static partial class Ownership
{
    const int CurrentFolder = -100, KeepLinks = 0x100, WantOwner = 0x8 | 0x10;

    /// <summary>The user and the group that the file or folder belongs to.</summary>
    public static SystemUser Of(string path)
        => GetStatus(CurrentFolder, path, KeepLinks, WantOwner, out var status) == 0
            ? new SystemUser(null, status.User, status.Group)
            : throw Failed("seen", path);

    /// <summary>Gives away a folder with all that is in it. Links stay whose they are, and where they lead nothing changes.</summary>
    public static void GiveAll(string folder, SystemUser user)
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", all))
            Give(path, user);
        Give(folder, user);
    }

    public static void Give(string path, SystemUser user)
    {
        if (ChangeOwner(path, user.Id, user.Group) != 0)
            throw Failed($"given to user {user.Name ?? $"{user.Id}"}", path);
    }

    static PostgresStartException Failed(string what, string path)
        => new($"{path} cannot be {what}: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetStatus(int folder, string path, int flags, uint wanted, out Status status);

    /// <summary>The kernel's <c>statx</c>, the same on all architectures: 256 bytes, of which two fields are read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct Status
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }
}
