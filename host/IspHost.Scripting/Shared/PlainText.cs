using System.Text;

namespace IspHost.Scripting.Shared;

/// <summary>Text that can be stored, sent and printed: whole characters. C#'s own texts may hold half of one.</summary>
static class PlainText
{
    /// <summary>Whether every surrogate has its other half.</summary>
    public static bool IsWhole(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\ud800', '\udfff') is >= 0 and var at)
        {
            if (Rune.DecodeFromUtf16(text[at..], out _, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            text = text[(at + length)..];
        }

        return true;
    }

    /// <summary>One line of at most so many UTF-16 units, cut between characters; what is half a character becomes U+FFFD.</summary>
    public static string Line(string text, int longest)
    {
        var line = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > longest)
                break;
            line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return line.ToString();
    }
}
