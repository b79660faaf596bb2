using System.Diagnostics;

namespace IspHost.Server.Tests;

/// <summary>The server's program, run as a user runs it.</summary>
static class ProgramUnderTest
{
    /// <summary>What saves compiling: a program lives too short for the best code, as the tests do.</summary>
    public static IReadOnlyDictionary<string, string> Quick { get; }
        = new Dictionary<string, string> { ["DOTNET_TieredPGO"] = "0", ["DOTNET_TC_CallCountThreshold"] = 1_000.ToString("X", null) };

    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunWithAsync([], arguments);

    /// <param name="environment">Variables that are added to those of the tests.</param>
    /// <param name="arguments">Of the program.</param>
    public static async Task<(int Code, string Output, string Errors)> RunWithAsync(
        Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Runs the program, and hears what it says on standard error while it runs.</summary>
    public static async Task<(int Code, string Output)> RunHeardAsync(Func<string, Task> heard, params string[] arguments)
    {
        using var process = Start([], arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            await heard(line);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output);
    }

    /// <summary>Starts the program, whose output is read by the test.</summary>
    public static Process Start(params string[] arguments) => Start([], arguments);

    static Process Start(Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Serving.IspServer).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Quick.Concat(environment))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
