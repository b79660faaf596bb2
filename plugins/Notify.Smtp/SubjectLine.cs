using System.Text;
using MimeKit;

namespace IspHost.Plugins.Notify.Smtp;

/// <summary>Writes a subject so that it arrives as it was written.</summary>
static class SubjectLine
{
    /// <summary>So many octets of UTF-8 make an encoded word of at most 75 characters (RFC 2047 section 2).</summary>
    const int OctetsInWord = 45;

    /// <remarks>MimeKit leaves a text that looks like an encoded word as it is, and the receiver would decode it.</remarks>
    public static void Write(MimeMessage message, string subject)
    {
        var line = Lines.Joined(subject);
        message.Subject = line;
        if (line.Contains("=?", StringComparison.Ordinal))
            message.Headers[message.Headers.IndexOf(HeaderId.Subject)].SetRawValue(Encoded(line));
    }

    static byte[] Encoded(string line) => Encoding.ASCII.GetBytes($" {string.Join("\r\n ", Words(line).Select(EncodedWord))}\r\n");

    static string EncodedWord(string word) => $"=?utf-8?b?{Convert.ToBase64String(Encoding.UTF8.GetBytes(word))}?=";

    /// <summary>Cuts between characters, never inside one.</summary>
    static IEnumerable<string> Words(string line)
    {
        var word = new StringBuilder();
        var octets = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > OctetsInWord)
            {
                yield return word.ToString();
                word.Clear();
                octets = 0;
            }
            word.Append(rune);
            octets += rune.Utf8SequenceLength;
        }
        yield return word.ToString();
    }
}
