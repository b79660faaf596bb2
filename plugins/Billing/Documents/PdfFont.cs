using System.Runtime.InteropServices;
using HarfBuzzSharp;
using SkiaSharp;
using Buffer = HarfBuzzSharp.Buffer;

namespace IspHost.Plugins.Billing;

/// <summary>One weight of the typeface, cut down to a document. It measures text and draws it, shaped by HarfBuzz.</summary>
sealed class PdfFont : IDisposable
{
    // Ligatures are one glyph for several letters, which search and copying in a PDF do not survive everywhere.
    static readonly Feature[] Features = [new(Tag.Parse("liga"), 0), new(Tag.Parse("clig"), 0)];

    readonly GCHandle pinned;
    readonly SKData data;
    readonly SKTypeface typeface;
    readonly Face face;
    readonly Font shaper;

    public PdfFont(byte[] whole, IReadOnlyCollection<int> codePoints)
    {
        var bytes = FontSubset.Of(whole, codePoints);
        data = SKData.CreateCopy(bytes);
        typeface = SKTypeface.FromData(data);
        pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        using var blob = new Blob(pinned.AddrOfPinnedObject(), bytes.Length, MemoryMode.ReadOnly);
        face = new Face(blob, 0);
        shaper = new Font(face);
        shaper.SetFunctionsOpenType();
    }

    public float Width(string text, float size) => Shape(text).Sum(glyph => glyph.Advance) * size / face.UnitsPerEm;

    public void Draw(SKCanvas canvas, string text, float x, float y, float size, SKPaint paint)
    {
        var glyphs = Shape(text);
        if (glyphs.Length == 0)
            return;
        using var font = new SKFont(typeface, size) { Subpixel = true, LinearMetrics = true };
        using var builder = new SKTextBlobBuilder();
        var run = builder.AllocatePositionedRun(font, glyphs.Length);
        var scale = size / face.UnitsPerEm;
        var pen = 0f;
        for (var i = 0; i < glyphs.Length; i++)
        {
            run.Glyphs[i] = glyphs[i].Id;
            run.Positions[i] = new(pen + glyphs[i].OffsetX * scale, -glyphs[i].OffsetY * scale);
            pen += glyphs[i].Advance * scale;
        }
        using var blob = builder.Build();
        canvas.DrawText(blob, x, y, paint);
    }

    public void Dispose()
    {
        shaper.Dispose();
        face.Dispose();
        typeface.Dispose();
        data.Dispose();
        pinned.Free();
    }

    Glyph[] Shape(string text)
    {
        if (text.Length == 0)
            return [];
        using var buffer = new Buffer();
        buffer.AddUtf16(text);
        buffer.GuessSegmentProperties();
        shaper.Shape(buffer, Features);
        var infos = buffer.GetGlyphInfoSpan();
        var positions = buffer.GetGlyphPositionSpan();
        var glyphs = new Glyph[infos.Length];
        for (var i = 0; i < glyphs.Length; i++)
            glyphs[i] = new((ushort)infos[i].Codepoint, positions[i].XAdvance, positions[i].XOffset, positions[i].YOffset);
        return glyphs;
    }

    readonly record struct Glyph(ushort Id, int Advance, int OffsetX, int OffsetY);
}
