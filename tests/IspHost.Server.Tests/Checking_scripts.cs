using System.Text.Json;

namespace IspHost.Server.Tests;

public sealed class Checking_scripts
{
    [Fact]
    public async Task Answers_in_one_JSON_document_for_all_files()
    {
        var folder = Directory.CreateTempSubdirectory("isphost-checking-scripts-");
        var (good, bad) = (Path.Combine(folder.FullName, "good.csx"), Path.Combine(folder.FullName, "bad.csx"));
        await File.WriteAllTextAsync(good, "return 1.50m;", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(bad, "return 1.50m", TestContext.Current.CancellationToken);

        var (code, output, errors) = await ProgramUnderTest.RunAsync("script", "check", good, bad, "--json");
        folder.Delete(recursive: true);

        Assert.Equal((0, ""), (code, errors));
        var checks = JsonDocument.Parse(output).RootElement.EnumerateArray().Select(file => file.GetProperty("check"));
        Assert.Equal(["ACCEPT", "REJECT"], checks.Select(check => check.GetProperty("verdict").GetString()));
    }
}
