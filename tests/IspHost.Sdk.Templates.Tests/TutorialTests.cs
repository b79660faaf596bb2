using System.Diagnostics;

namespace IspHost.Sdk.Templates.Tests;

public sealed class TutorialTests(PackedSdk sdk) : IAsyncDisposable
{
    static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    Process? server;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tutorial_leads_from_nothing_to_a_tenant_that_uses_the_plugin()
    {
        var (folder, said) = (sdk.Machine.Home, "");
        foreach (var command in Tutorial.AtHome)
        {
            if (command.StartsWith("cd ", StringComparison.Ordinal))
                folder = Path.Combine(folder, command["cd ".Length..]);
            else if (command == "isphost serve")
                await ServeAsync(folder, command);
            else
                said = await sdk.Machine.RunAsync(folder, command);
        }

        Assert.Contains("\"tax_engine\": \"acme-tax\"", said, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is null)
            return;
        if (!server.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{server.Id}"]);
            await server.WaitForExitAsync(CancellationToken.None);
        }
        server.Dispose();
    }

    /// <summary>On ports that are free: others may run servers on this machine.</summary>
    async Task ServeAsync(string folder, string command)
    {
        server = sdk.Machine.Start(folder, $"{command} --bind 127.0.0.1 --http 0 --radius-auth 0 --radius-acct 0");
        var serves = new TaskCompletionSource();
        server.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("Serving", StringComparison.Ordinal) == true)
                serves.TrySetResult();
        };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        await Task.WhenAny(serves.Task, server.WaitForExitAsync(Stop)).WaitAsync(LongestStart, Stop);
        Assert.True(serves.Task.IsCompleted, "The server did not start.");
    }
}
