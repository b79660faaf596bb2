using System;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Writes the files of the template: those that are the same for all points, and what each sample becomes.</summary>
/// <remarks>The build compiles it. By targets alone it would not do: they take a backslash in a text for a slash.</remarks>
public sealed class MakeTemplate : Task
{
    /// <summary>What is the same for all points; <c>To</c> is its place in the template.</summary>
    [Required]
    public ITaskItem[] Files { get; set; }

    /// <summary>Sources of samples and of their tests: <c>Sample</c> is whose, <c>Offers</c> what its extension is called.</summary>
    [Required]
    public ITaskItem[] Sources { get; set; }

    [Required]
    public string SdkVersion { get; set; }

    [Required]
    public string XunitVersion { get; set; }

    /// <summary>Where the template is written.</summary>
    [Required]
    public string Folder { get; set; }

    public override bool Execute()
    {
        foreach (var file in Files)
            Write(file.GetMetadata("To"), ReadText(file).Replace("SDK_VERSION", SdkVersion).Replace("XUNIT_VERSION", XunitVersion));
        foreach (var source in Sources)
        {
            var name = Renamed(source.GetMetadata("Filename"), source);
            Write($"{source.GetMetadata("To")}/{name}.cs", Renamed(Plain(ReadText(source)), source));
        }
        return !Log.HasLoggedErrors;
    }

    static string ReadText(ITaskItem file) => File.ReadAllText(file.GetMetadata("FullPath"));

    /// <summary>
    /// Without the marks of what pages quote, and with its usings inside of the namespace: outside of it, in a plugin that is called
    /// Acme.Tax, the word Tax would mean that namespace and not the SDK's record.
    /// </summary>
    static string Plain(string text)
        => Regex.Replace(
            Regex.Replace(text, "^ *// (begin|end) [a-z-]+\n", "", RegexOptions.Multiline),
            @"\A((?:using [^\n]+\n)+)\n(namespace [^\n]+\n)", "$2\n$1");

    static string Renamed(string text, ITaskItem source)
    {
        var (sample, offers) = (source.GetMetadata("Sample"), Regex.Escape(source.GetMetadata("Offers")));
        return Regex.Replace(text, $"""(?<=[">]){offers}(?=["<])""", "plugin-extension")
            .Replace($"{sample}Plugin", "PluginClass")
            .Replace(sample, "PluginNamespace");
    }

    void Write(string path, string text)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file));
        File.WriteAllText(file, text, new UTF8Encoding(false));
    }
}
