using System.Diagnostics;

namespace IspHost.Server.Tests;

/// <summary>The server's program, run as a user runs it.</summary>
static class ProgramUnderTest
{
    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunWithAsync([], arguments);

    /// <param name="environment">Variables that are added to those of the tests.</param>
    /// <param name="arguments">Of the program.</param>
    public static async Task<(int Code, string Output, string Errors)> RunWithAsync(
        Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Serving.IspServer).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }
}
