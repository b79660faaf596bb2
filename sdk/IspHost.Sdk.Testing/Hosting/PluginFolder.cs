using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace IspHost.Sdk.Testing;

/// <summary>The folder of a plugin, as far as it must be known before the host has read it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Id">The plugin's id; the folder's name if there is none to read, and the host will say why.</param>
sealed record PluginFolder(string Path, string Id)
{
    public static PluginFolder Read(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        var manifest = System.IO.Path.Combine(path, "plugin.json");
        if (!File.Exists(manifest))
            throw new PluginTestException($"{path} has no plugin.json: is the plugin built, and was it copied to its output?");

        return new(path, IdIn(manifest) ?? System.IO.Path.GetFileName(path));
    }

    public IConfiguration Configuration(IEnumerable<KeyValuePair<string, string>> settings)
        => new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(one => KeyValuePair.Create($"Plugins:{Id}:{one.Key}", (string?)one.Value)))
            .Build();

    /// <summary>The simple names of the assemblies in it.</summary>
    public IReadOnlySet<string> Assemblies => Libraries.Select(System.IO.Path.GetFileNameWithoutExtension).ToHashSet()!;

    public IEnumerable<string> Libraries
        => Directory.EnumerateFiles(Path, "*.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    static string? IdIn(string manifest)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(manifest));
            return document.RootElement.GetProperty("id").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
