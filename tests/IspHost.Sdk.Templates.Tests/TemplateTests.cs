using System.Reflection;
using System.Text.Json;

namespace IspHost.Sdk.Templates.Tests;

public sealed class TemplateTests(PackedSdk sdk)
{
    /// <summary>A plugin of each point but the tutorial's, with names that are hard to make namespaces, classes and ids of.</summary>
    static readonly Dictionary<string, string> Names = new()
    {
        ["rating"] = "FlatRate",
        ["payment"] = "acme-pay",
        ["nas"] = "3Com.Nas.Plugin",
        ["notification"] = "Acme.Notification",
        ["flag-filter"] = "Flags",
    };

    static IEnumerable<string> Points => typeof(IPlugin).Assembly.GetTypes()
        .Select(type => type.GetCustomAttribute<ExtensionPointAttribute>()?.Name).OfType<string>();

    [Fact]
    public void Every_extension_point_can_be_chosen()
    {
        var file = Path.Combine(AuthorsMachine.Clone, "sdk/IspHost.Sdk.Templates/plugin/template.json");
        using var template = JsonDocument.Parse(File.ReadAllText(file));
        var choices = template.RootElement.GetProperty("symbols").GetProperty("extensionPoint").GetProperty("choices").EnumerateArray()
            .Select(choice => choice.GetProperty("choice").GetString()!);

        Assert.Equal(Points.Order(), choices.Order());
        Assert.Equal(Points.Order(), Names.Keys.Append("tax").Order());
    }

    [Fact]
    public async Task A_plugin_of_each_point_is_built_without_a_warning_meets_its_tests_and_would_be_installed()
    {
        var folder = Directory.CreateDirectory(Path.Combine(sdk.Machine.Home, "each")).FullName;
        foreach (var (point, name) in Names)
            await RunAsync(Tutorial.New(name, point));
        Combine(folder);

        Assert.Contains("0 Warning(s)", await RunAsync("dotnet build --configuration Release"), StringComparison.Ordinal);
        await RunAsync("dotnet test --configuration Release --no-build");
        await RunAsync("dotnet pack --configuration Release --no-build --output .");
        await RunAsync("isphost plugins keygen acme.pem");
        var packages = Directory.GetFiles(folder, "*.nupkg");
        Assert.Equal(Names.Count, packages.Length);
        foreach (var package in packages)
        {
            await RunAsync($"isphost plugins sign {package} --key acme.pem");
            var said = await RunAsync($"isphost plugins verify {package} --key acme.pub.pem");
            Assert.Contains("asks for nothing", said, StringComparison.Ordinal);
        }

        Task<string> RunAsync(string command) => sdk.Machine.RunAsync(folder, command);
    }

    /// <summary>One solution for all, which is built quicker than one after the other.</summary>
    static void Combine(string folder)
    {
        var projects = Directory.GetFiles(folder, "*.csproj", SearchOption.AllDirectories)
            .Select(project => $"<Project Path=\"{Path.GetRelativePath(folder, project)}\" />");
        File.WriteAllText(Path.Combine(folder, "Each.slnx"), $"<Solution>{string.Concat(projects)}</Solution>");
        foreach (var file in new[] { "global.json", "nuget.config" })
            File.Copy(Path.Combine(folder, Names["rating"], file), Path.Combine(folder, file));
    }
}
