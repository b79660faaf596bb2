using System.Diagnostics;
using System.Reflection;

namespace IspHost.Sdk.Templates.Tests;

/// <summary>A machine on which nobody has written a plugin yet: a home, templates, packages and a server's data of its own.</summary>
/// <remarks>Packages of others are those of this machine, so that nothing is fetched again; ours are those that were just packed.</remarks>
sealed class AuthorsMachine : IDisposable
{
    static readonly string Program = Metadata("Program");

    readonly Dictionary<string, string> environment;

    public AuthorsMachine()
    {
        environment = new()
        {
            ["NUGET_PACKAGES"] = Path.Combine(Home, "packages"),
            ["NUGET_FALLBACK_PACKAGES"] = PackagesOfOthers(),
        };
        // Where root starts the server, its PostgreSQL is another user, who must come by.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Home, File.GetUnixFileMode(Home) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>The author's clone of the repository.</summary>
    public static string Clone { get; } = Path.GetFullPath(Metadata("Repository"));

    /// <summary>The author's home, <c>~</c> in a command.</summary>
    public string Home { get; } = Directory.CreateTempSubdirectory("isphost-author-").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Runs a command as it stands in a page, to its end, which must be a good one.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> RunAsync(string folder, string command)
    {
        using var process = Start(folder, command);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        Assert.True(process.ExitCode == 0, $"{command} ended with {process.ExitCode}.\n{await output}\n{await errors}");
        return await output;
    }

    public Process Start(string folder, string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec {Here(command)}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Whoever runs these tests tells child processes so, and a test run of the author's would take it for its own.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        // The clone has been built and goes on with its packages.
        foreach (var (name, value) in folder == Clone ? [] : environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);

    /// <summary>The command with the places of this machine in it.</summary>
    string Here(string command)
    {
        var here = command.Replace("~/", $"{Home}/", StringComparison.Ordinal);
        if (here.StartsWith("isphost ", StringComparison.Ordinal))
            return $"dotnet {Program}{here["isphost".Length..]}{(NeedsNoServer(here) ? "" : $" --data {Home}/data")}";
        return here.StartsWith("dotnet new ", StringComparison.Ordinal) ? $"{here} --debug:custom-hive {Home}/templates" : here;
    }

    static bool NeedsNoServer(string command)
        => command.StartsWith("isphost plugins keygen ", StringComparison.Ordinal)
        || command.StartsWith("isphost plugins sign ", StringComparison.Ordinal);

    /// <summary>Links to the unpacked packages of this machine but ours: those may be of another day.</summary>
    string PackagesOfOthers()
    {
        var others = Directory.CreateDirectory(Path.Combine(Home, "others")).FullName;
        foreach (var package in new DirectoryInfo(Metadata("Packages")).EnumerateDirectories())
        {
            if (!package.Name.StartsWith("isphost.", StringComparison.OrdinalIgnoreCase))
                Directory.CreateSymbolicLink(Path.Combine(others, package.Name), package.FullName);
        }
        return others;
    }

    static string Metadata(string name)
        => typeof(AuthorsMachine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(named => named.Key == name).Value!;
}
