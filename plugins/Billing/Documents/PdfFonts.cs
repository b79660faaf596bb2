using System.Text;
using HarfBuzzSharp;

namespace IspHost.Plugins.Billing;

/// <summary>The typeface of a document: Noto Sans, which has Latin, Greek and Cyrillic, in two weights.</summary>
sealed class PdfFonts : IDisposable
{
    static readonly Lazy<byte[]> WholeRegular = new(() => Resource("NotoSans-Regular.ttf"));
    static readonly Lazy<byte[]> WholeBold = new(() => Resource("NotoSans-Bold.ttf"));

    /// <param name="texts">All that the document will say, beside what ASCII can.</param>
    public PdfFonts(IEnumerable<string> texts)
    {
        var ascii = Enumerable.Range(' ', '~' - ' ' + 1);
        var codePoints = texts.SelectMany(text => text.EnumerateRunes()).Select(rune => rune.Value).Concat(ascii).ToHashSet();
        Regular = new(WholeRegular.Value, codePoints);
        Bold = new(WholeBold.Value, codePoints);
    }

    public PdfFont Regular { get; }

    public PdfFont Bold { get; }

    /// <summary>Puts letters and accents together, where there is a character for both: the font has most accents only so.</summary>
    /// <remarks>By HarfBuzz, since .NET does not normalize where the host runs without culture data.</remarks>
    public static string Composed(string text)
    {
        if (text.All(char.IsAscii))
            return text;
        var composed = new List<Rune>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (composed.Count > 0 && UnicodeFunctions.Default.TryCompose((uint)composed[^1].Value, (uint)rune.Value, out var both))
                composed[^1] = new Rune(both);
            else
                composed.Add(rune);
        }
        return string.Concat(composed);
    }

    public void Dispose()
    {
        Regular.Dispose();
        Bold.Dispose();
    }

    static byte[] Resource(string name)
    {
        using var stream = typeof(PdfFonts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The plugin was built without {name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
