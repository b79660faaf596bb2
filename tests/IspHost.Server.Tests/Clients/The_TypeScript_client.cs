using System.Diagnostics;
using IspHost.Testing;

namespace IspHost.Server.Tests.Clients;

[TakesLong]
public sealed class The_TypeScript_client(ServerFixture server)
{
    static readonly string Folder = SdkFolder.PathOf("typescript");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Goes_from_a_tenant_to_its_invoice()
    {
        Assert.SkipUnless(IsOnPath("npx"), "There is no Node.js on the PATH.");

        if (!HasItsPackages)
            await RunAsync("npm", "ci", "--no-fund", "--no-audit", "--prefer-offline");
        await RunAsync("npm", "run", "build");
        var said = await RunAsync("npm", "run", "--silent", "journey");

        Assert.EndsWith(": 30.88 EUR", said.Trim(), StringComparison.Ordinal);
    }

    /// <summary>npm notes there what it has fetched; without the file its time is long ago.</summary>
    static bool HasItsPackages
        => File.GetLastWriteTimeUtc(Path.Combine(Folder, "node_modules", ".package-lock.json"))
            > File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"));

    async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ISPHOST_ADDRESS"] = server.Address.ToString(), ["ISPHOST_KEY"] = server.OperatorKey },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await output}{await errors}");
        return await output;
    }

    static bool IsOnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
