namespace IspHost.Server.Serving;

/// <summary>Files and folders that only the server's own user gets at, whatever the umask.</summary>
static class PrivateFiles
{
    const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode OfFolder = OfFile | UnixFileMode.UserExecute;

    /// <summary>Root's PostgreSQL runs as another user, who must get to its own folder and need not see what else there is.</summary>
    static readonly UnixFileMode Passage = Environment.IsPrivilegedProcess
        ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
        : UnixFileMode.None;

    /// <summary>Makes a folder in which PostgreSQL may have its own. One that is there may be anything, and stays as it is.</summary>
    public static void MakeOuter(string path)
    {
        if (!Directory.Exists(path))
            Make(path, OfFolder | Passage);
    }

    /// <summary>Makes a folder, or closes one that is there.</summary>
    public static string MakeInner(string path)
    {
        Make(path, OfFolder);
        return path;
    }

    public static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OfFile;
        return new FileStream(path, options);
    }

    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using var file = Open(path, FileMode.Create);
        await file.WriteAsync(content, cancellationToken);
    }

    static void Make(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        Directory.CreateDirectory(path, mode);
        File.SetUnixFileMode(path, mode);
    }
}
