using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting.Workers;

/// <summary>How workers of one kind are started: which program, as whom, with what environment and which limits.</summary>
sealed class WorkerLaunch(string verb, string worker, ScriptOptions options, string folder)
{
    string? User { get; } = WorkerPlace.User(worker);

    bool IsCompiler => verb == "compile";

    public string NewSocketPath() => Path.Combine(folder, RandomNumberGenerator.GetHexString(12, lowercase: true));

    /// <summary>Who can name the socket may connect; the folder cannot be listed by others, and the worker shows the token.</summary>
    public void OpenToWorker(string path)
    {
        if (User is not null && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
    }

    /// <summary>A folder for sockets, which a worker of another user can pass but not read.</summary>
    public static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("isphost-scripts-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        return folder;
    }

    public Process Start(string socketPath)
    {
        var start = new ProcessStartInfo(worker, [verb, socketPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetDirectoryName(worker),
        };
        if (User is { } user)
            start.UserName = user;
        start.Environment.Clear();
        foreach (var (name, value) in Variables())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new WorkerLost("SBX205", "The worker for price scripts did not start.");
    }

    /// <summary>All of the worker's environment: nothing of the host's is inherited.</summary>
    IEnumerable<(string Name, string Value)> Variables()
    {
        var heap = IsCompiler ? options.Limits.CompilerHeapBytes : options.Limits.WorkerHeapBytes;
        yield return ("DOTNET_ROOT", WorkerPlace.DotnetRoot);
        yield return ("DOTNET_GCHeapHardLimit", heap.ToString("X", CultureInfo.InvariantCulture));
        yield return ("DOTNET_EnableDiagnostics", "0");
        yield return ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        if (IsCompiler)
            yield break;

        // Short lives: methods are compiled again, better, after their first calls and not after a quiet moment.
        yield return ("DOTNET_TieredPGO", "0");
        yield return ("DOTNET_TC_CallCountingDelayMs", "0");

        // A recursion is a matter of depth, whether or not the just-in-time compiler would have made a loop of it.
        yield return ("DOTNET_TailCallOpt", "0");
    }

    public WireWriter Bounds()
    {
        var limits = options.Limits;
        var frame = new WireWriter().Begin(FrameKind.Bounds);
        if (IsCompiler)
        {
            frame.Int32(limits.SourceBytes);
            frame.Int32(limits.Nesting);
            frame.Int32(limits.ChainLength);
        }
        else
        {
            frame.Int64(limits.Fuel);
            frame.Int64(limits.Bytes);
            frame.Int32(limits.TextCharacters);
            frame.Int32((int)limits.ItemTime.TotalMilliseconds);
            frame.Int32((int)limits.Turn.TotalMilliseconds);
        }

        return frame;
    }
}
