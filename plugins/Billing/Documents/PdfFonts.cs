using System.Text;

namespace IspHost.Plugins.Billing;

/// <summary>The typeface of a document: Noto Sans, which has Latin, Greek and Cyrillic, in two weights.</summary>
sealed class PdfFonts : IDisposable
{
    static readonly Lazy<byte[]> WholeRegular = new(() => Resource("NotoSans-Regular.ttf"));
    static readonly Lazy<byte[]> WholeBold = new(() => Resource("NotoSans-Bold.ttf"));

    /// <param name="texts">All that the document will say, beside what ASCII can.</param>
    public PdfFonts(IEnumerable<string> texts)
    {
        var codePoints = texts.SelectMany(text => text.EnumerateRunes()).Select(rune => rune.Value).Concat(Enumerable.Range(' ', '~' - ' ' + 1)).ToHashSet();
        Regular = new(WholeRegular.Value, codePoints);
        Bold = new(WholeBold.Value, codePoints);
    }

    public PdfFont Regular { get; }

    public PdfFont Bold { get; }

    /// <summary>Composed characters, where there are any: the font has most accents only so.</summary>
    public static string Composed(string text) => text.Normalize(NormalizationForm.FormC);

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
