using SkiaSharp;

namespace IspHost.Plugins.Billing;

/// <summary>What stands on a page: collected first and drawn later, since the number of pages is known only at the end.</summary>
sealed class PdfPage
{
    /// <summary>A4 in points of 1/72 inch.</summary>
    public const float Width = 595.28f;

    public const float Height = 841.89f;

    readonly List<Action<SKCanvas, PdfFonts, SKPaint>> marks = [];

    public void Text(string text, float x, float y, TextStyle style)
        => marks.Add((canvas, fonts, paint) =>
        {
            paint.Color = style.Color;
            var font = style.IsBold ? fonts.Bold : fonts.Regular;
            var left = style.IsRightAligned ? x - font.Width(text, style.Size) : x;
            font.Draw(canvas, text, left, y, style.Size, paint);
        });

    public void Line(float left, float right, float y, float thickness, SKColor color)
        => marks.Add((canvas, _, paint) =>
        {
            paint.Color = color;
            paint.StrokeWidth = thickness;
            canvas.DrawLine(left, y, right, y, paint);
        });

    public void Draw(SKCanvas canvas, PdfFonts fonts)
    {
        using var paint = new SKPaint { IsAntialias = true };
        foreach (var mark in marks)
            mark(canvas, fonts, paint);
    }
}

/// <summary>How text looks.</summary>
readonly record struct TextStyle(float Size, bool IsBold, SKColor Color, bool IsRightAligned = false)
{
    static readonly SKColor Ink = new(0x1c, 0x24, 0x30);
    static readonly SKColor Grey = new(0x5b, 0x67, 0x78);

    public static readonly SKColor Rule = new(0xc8, 0xd0, 0xda);
    public static readonly SKColor Accent = new(0x0b, 0x5c, 0xad);

    public static readonly TextStyle Title = new(22, true, Accent);
    public static readonly TextStyle Strong = new(9.5f, true, Ink);
    public static readonly TextStyle Body = new(9.5f, false, Ink);
    public static readonly TextStyle Small = new(8, false, Grey);
    public static readonly TextStyle Label = new(7.5f, true, Grey);
    public static readonly TextStyle Sum = new(12, true, Ink);

    public TextStyle Right => this with { IsRightAligned = true };
}
