using System.Text.Json;

namespace IspHost.Server.Serving;

/// <summary>The folder of one server. Only one server has it at a time.</summary>
sealed class DataFolder : IDisposable
{
    /// <summary>Where a demo keeps its data, below the folder that it is given.</summary>
    public const string DemoName = "demo";

    readonly FileStream held;

    DataFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Takes the folder, and makes it if it is missing.</summary>
    /// <exception cref="StartException">Another server has it, or it cannot be made.</exception>
    public static DataFolder Take(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            PrivateFiles.MakeOuter(path);
            var held = PrivateFiles.Open(System.IO.Path.Combine(path, "server.lock"), FileMode.OpenOrCreate);
            return new DataFolder(path, held);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new StartException($"The data folder {path} cannot be used: {cause.Message}", cause);
        }
        catch (IOException cause)
        {
            throw new StartException(
                File.Exists(System.IO.Path.Combine(path, "server.lock"))
                    ? $"The data folder {path} is in use by another server: stop it, or give another folder with --data."
                    : $"The data folder {path} cannot be used: {cause.Message}", cause);
        }
    }

    /// <summary>Whether a server has the folder now.</summary>
    /// <exception cref="StartException">The folder is another user's.</exception>
    public static bool IsTaken(string path)
    {
        var file = System.IO.Path.Combine(path, "server.lock");
        if (!File.Exists(file))
            return false;
        try
        {
            using var probe = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new StartException($"The data folder {path} belongs to another user: {cause.Message}", cause);
        }
    }

    /// <summary>Tells the command line where the server is, in a file that only its own user can read.</summary>
    public void Announce(RunningServer server)
    {
        var draft = $"{FileOf(Path)}.new";
        File.Delete(draft);
        using (var stream = PrivateFiles.Open(draft, FileMode.CreateNew))
            JsonSerializer.Serialize(stream, server);
        File.Move(draft, FileOf(Path), overwrite: true);
    }

    /// <summary>What a killed server has announced and could not take back, or null.</summary>
    public RunningServer? LeftBehind() => Read(Path);

    /// <summary>The server that has the folder, or null if none has.</summary>
    public static RunningServer? Find(string path) => IsTaken(path) ? Read(path) : null;

    /// <summary>The folder of a demo below one that has neither a server nor a database of its own; null if there is none.</summary>
    public static string? DemoBelow(string path)
    {
        var demo = System.IO.Path.Combine(System.IO.Path.GetFullPath(path), DemoName);
        return !IsUsed(path) && IsUsed(demo) ? demo : null;
    }

    static bool IsUsed(string path) => IsTaken(path) || Directory.Exists(System.IO.Path.Combine(path, "postgres"));

    public void Dispose()
    {
        File.Delete(FileOf(Path));
        held.Dispose();
    }

    static RunningServer? Read(string path)
        => File.Exists(FileOf(path)) ? JsonSerializer.Deserialize<RunningServer>(File.ReadAllText(FileOf(path))) : null;

    static string FileOf(string path) => System.IO.Path.Combine(path, "server.json");
}

/// <summary>Where a server serves, and the key with which the command line on the same machine speaks to it.</summary>
sealed record RunningServer(Uri Address, string OperatorKey, int Process)
{
    public override string ToString() => $"{Address} {Process}";
}

/// <summary>The server cannot start. The message is one line for the operator.</summary>
sealed class StartException(string message, Exception? cause = null) : Exception(message, cause);
