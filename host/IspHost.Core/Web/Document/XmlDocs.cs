using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace IspHost.Core.Web.Document;

/// <summary>What the comments in the code say of types and their parts: the compiler writes them into a file beside the assembly.</summary>
/// <remarks>Made for one document, so that nothing of a plugin is kept longer than the plugin.</remarks>
sealed partial class XmlDocs
{
    readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, XElement>> files = [];

    /// <summary>The summary of a type; null if there is none.</summary>
    public string? Of(Type type) => Text(Find(type, IdOf(type))?.Element("summary"));

    /// <summary>The summary of a property, or what is said of the parameter that it was made from.</summary>
    public string? Of(Type owner, string property)
    {
        var ofProperty = Find(owner, $"P:{IdOf(owner)[2..]}.{property}");
        var ofParameter = Find(owner, IdOf(owner))?.Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == property);
        return Text(ofProperty?.Element("summary") ?? Inherited(ofProperty, owner)) ?? Text(ofParameter);
    }

    /// <summary>Of <c>inheritdoc</c> with a <c>cref</c> into the same assembly.</summary>
    XElement? Inherited(XElement? member, Type owner)
        => (string?)member?.Element("inheritdoc")?.Attribute("cref") is { } from ? Find(owner, from)?.Element("summary") : null;

    XElement? Find(Type type, string id) => FileOf(type.Assembly).GetValueOrDefault(id);

    IReadOnlyDictionary<string, XElement> FileOf(Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        return files.GetOrAdd(path, static path => File.Exists(path)
            ? XDocument.Load(path).Descendants("member").GroupBy(member => (string?)member.Attribute("name") ?? "")
                .ToDictionary(member => member.Key, member => member.First())
            : new Dictionary<string, XElement>());
    }

    static string IdOf(Type type) => $"T:{(type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName?.Replace('+', '.')}";

    static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
            text.Append(TextOf(node));
        return Spaces().Replace(text.ToString(), " ").Trim() is { Length: > 0 } said ? said : null;
    }

    static string TextOf(XNode node) => node switch
    {
        XText plain => plain.Value,
        XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
        XElement see when see.Attribute("cref") is { } cref => $"`{cref.Value[(cref.Value.LastIndexOf('.') + 1)..]}`",
        XElement see when see.Attribute("name") is { } name => $"`{name.Value}`",
        XElement other => other.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
