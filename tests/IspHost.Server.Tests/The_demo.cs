using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using IspHost.Sdk;

namespace IspHost.Server.Tests;

public sealed partial class The_demo : IDisposable
{
    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-demo-{Environment.ProcessId}");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Goes_from_packets_to_invoices_whose_documents_say_what_the_ledger_says_and_lets_one_ask_the_API()
    {
        var output = Path.Combine(folder, "out");
        using var demo = ProgramUnderTest.Start(
            "demo", "--data", folder, "--out", output, "--http", "0", "--radius-auth", "0", "--radius-acct", "0");
        var errors = demo.StandardError.ReadToEndAsync(Stop);

        try
        {
            var report = await ReadUntilItServesAsync(demo);
            Assert.True(report.Contains("Ctrl+C", StringComparison.Ordinal), $"{report}{(demo.HasExited ? await errors : "")}");
            await AssertBilledAsync(output);
            await AssertAccessAsync(report);
        }
        finally
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{demo.Id}"]);
            await demo.WaitForExitAsync(Stop);
        }
    }

    [Fact]
    public async Task Is_found_by_who_names_the_folder_above_it()
    {
        var demo = Directory.CreateDirectory(Path.Combine(folder, "demo"));
        demo.CreateSubdirectory("postgres");

        var (code, output, errors) = await ProgramUnderTest.RunAsync("apikeys", "create", "--tenant", "aegean", "--data", folder);

        Assert.Equal(
            $"isphost: {folder} has no server and no database, but {demo.FullName} has those of a demo: say --data {demo.FullName}",
            errors.Trim());
        Assert.Equal((1, ""), (code, output));
        Assert.Equal([demo.FullName], Directory.GetFileSystemEntries(folder));
    }

    static async Task<string> ReadUntilItServesAsync(Process demo)
    {
        var lines = new List<string>();
        while (await demo.StandardOutput.ReadLineAsync(Stop) is { } line)
        {
            lines.Add(line);
            if (line.EndsWith("stop with Ctrl+C", StringComparison.Ordinal))
                break;
        }
        return string.Join('\n', lines);
    }

    static async Task AssertBilledAsync(string output)
    {
        var summary = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(output, "summary.json"), Stop)).RootElement;
        foreach (var tenant in summary.GetProperty("tenants").EnumerateArray())
        {
            var documents = Directory.GetFiles(Path.Combine(output, tenant.GetProperty("code").GetString()!), "*.pdf");
            Assert.Equal(tenant.GetProperty("customers").GetInt32(), documents.Length);
            Assert.Equal(
                tenant.GetProperty("total_minor").GetInt64(),
                tenant.GetProperty("net_minor").GetInt64() + tenant.GetProperty("tax_minor").GetInt64());
            var currency = Currency.Of(tenant.GetProperty("currency").GetString()!);
            Assert.Equal(
                Money.FromMinor(tenant.GetProperty("total_minor").GetInt64(), currency),
                documents.Select(document => InvoiceText.TotalOf(File.ReadAllBytes(document))).Aggregate((sum, total) => sum + total));
        }
        var upgrade = summary.GetProperty("upgrade");
        Assert.Equal((0, 0, true),
            (
                upgrade.GetProperty("lost_packets").GetInt32(), upgrade.GetProperty("failed_calls").GetInt32(),
                upgrade.GetProperty("old_generation_unloaded").GetBoolean()));
    }

    /// <summary>What it prints is asked as it stands.</summary>
    static async Task AssertAccessAsync(string report)
    {
        var access = Access().Match(report);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", access.Groups["key"].Value);
        var asked = await client.GetFromJsonAsync<JsonElement>(access.Groups["address"].Value, Stop);
        Assert.Equal(6, asked.GetProperty("items").GetArrayLength());

        var (code, answer, _) = await ProgramUnderTest.RunAsync(access.Groups["arguments"].Value.Split(' '));
        Assert.Equal(0, code);
        Assert.Equal(6, JsonDocument.Parse(answer).RootElement.GetProperty("items").GetArrayLength());
    }

    [GeneratedRegex("""curl -H "Authorization: Bearer (?<key>isp_\w+)" (?<address>\S+)\n.*\n.* (?<arguments>api GET .*)\n""")]
    private static partial Regex Access();
}
