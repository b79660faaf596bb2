using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using IspHost.EmbeddedPostgres;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting.Workers;

/// <summary>How workers of one kind are started: which program, as whom, with what environment and which limits.</summary>
sealed class WorkerLaunch(string verb, string worker, ScriptOptions options, string folder)
{
    /// <summary>A number that neither distributions nor systemd give to anybody, unless the machine has a user of this name.</summary>
    const string UserName = "isphost-scripts";
    const uint UserNumber = 61131;

    /// <summary>What a program needs to start, and the runtime to find out about the machine.</summary>
    static readonly string[] OfTheSystem =
        ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/proc", "/sys/devices/system", "/sys/fs/cgroup", "/dev/null"];

    bool HasOwnUser { get; } = NeedsOwnUser(options);

    bool IsCompiler => verb == "compile";

    /// <summary>Root starts its workers as somebody else.</summary>
    public static bool NeedsOwnUser(ScriptOptions options)
        => OperatingSystem.IsLinux() && SystemUser.IsRoot && !options.Without.Contains(ScriptLayers.UnprivilegedUser);

    public string NewSocketPath() => Path.Combine(folder, RandomNumberGenerator.GetHexString(12, lowercase: true));

    /// <summary>Who can name the socket may connect; the folder cannot be listed by others, and the worker shows the token.</summary>
    public void OpenToWorker(string path)
    {
        if (HasOwnUser && !OperatingSystem.IsWindows())
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

    /// <exception cref="ScriptsUnavailableException">Not as it has to be.</exception>
    public Process Start(string socketPath)
    {
        var start = Program([verb, socketPath]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        start.WorkingDirectory = Path.GetDirectoryName(worker);
        start.Environment.Clear();
        foreach (var (name, value) in Variables())
            start.Environment[name] = value;
        var process = options.Without.Contains(ScriptLayers.Landlock)
            ? Process.Start(start)
            : ConfinedStart.Start(start, [.. OfTheSystem, WorkerPlace.DotnetRoot, Path.GetDirectoryName(worker)!, .. SetPriv()]);
        return process!;
    }

    ProcessStartInfo Program(string[] arguments)
    {
        if (!HasOwnUser)
            return new ProcessStartInfo(worker, arguments);
        if (WorkerPlace.DotnetBarrier is { } barrier)
            throw new ScriptsUnavailableException(
                $"Price scripts do not run as root, and another user cannot read {barrier}: install .NET where all may read it.");
        try
        {
            return SystemUser.Of(UserName, UserNumber).Start(worker, arguments);
        }
        catch (InvalidOperationException cause)
        {
            throw new ScriptsUnavailableException(cause.Message, cause);
        }
    }

    IEnumerable<string> SetPriv() => HasOwnUser && SystemUser.SetPriv is { } path ? [path] : [];

    /// <exception cref="ScriptsUnavailableException">The worker lacks a layer that the operator does not do without.</exception>
    public void Demand(IReadOnlyList<string> layers)
    {
        var missing = string.Join(", ", options.Demanded.Except(layers).Except(options.Without));
        if (missing.Length == 0)
            return;
        const string advice = "docs/operators/price-scripts.md says what these layers need, and how to do without.";
        throw new ScriptsUnavailableException($"Price scripts are not run without {missing}: {advice}") { IsFinal = true };
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
