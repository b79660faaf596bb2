using System.Reflection;

namespace IspHost.PluginRuntime.Tests;

/// <summary>The folders of the plugins that were built to be loaded by tests.</summary>
static class Fixtures
{
    public static string Greets => FolderOf("Greets");

    public static string GreetsNext => FolderOf("Greets.Next");

    public static string Crashes => FolderOf("Crashes");

    public static string Leaks => FolderOf("Leaks");

    public static string Hangs => FolderOf("Hangs");

    public static string NeedsNewerSdk => FolderOf("NeedsNewerSdk");

    /// <summary>The pages for plugin authors.</summary>
    public static string PluginAuthors => FolderOf("PluginAuthors");

    static string FolderOf(string fixture)
        => typeof(Fixtures).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(named => named.Key == fixture).Value!;
}
