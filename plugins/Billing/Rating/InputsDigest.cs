using System.Security.Cryptography;
using IspHost.Sdk.Rating;

namespace IspHost.Plugins.Billing;

/// <summary>Names all that a rule was given: two lines with the same digest and the same rule have the same price.</summary>
/// <remarks>The layout is part of the books: whoever changes it changes what old digests mean.</remarks>
static class InputsDigest
{
    // Guesses, so that the buffer need not grow.
    const int BytesOfTexts = 500;
    const int BytesOfEntry = 64;

    public static byte[] Of(RatingItem item)
    {
        using var buffer = new MemoryStream(BytesOfTexts + (item.Usage.Length * BytesOfEntry));
        using var writer = new BinaryWriter(buffer);
        writer.Write(item.Quantity);
        writer.Write(item.Rate);
        writer.Write(item.Currency);
        writer.Write(item.Plan);
        writer.Write(item.Period.Start.DayNumber);
        writer.Write(item.Period.End.DayNumber);
        Write(writer, item.Account);
        writer.Write(item.Usage.Length);
        foreach (var entry in item.Usage)
            Write(writer, entry);
        writer.Flush();
        return SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    static void Write(BinaryWriter writer, RatedAccount account)
    {
        writer.Write(account.Id);
        writer.Write(account.Segment);
        writer.Write(account.ActiveSince.DayNumber);
        writer.Write(account.Lines);
        foreach (var texts in (IReadOnlyList<string>[])[account.Products, account.Tags])
        {
            writer.Write(texts.Count);
            foreach (var text in texts)
                writer.Write(text);
        }
    }

    static void Write(BinaryWriter writer, UsageEntry entry)
    {
        writer.Write(entry.LocalStart.Ticks);
        writer.Write(entry.LocalStart.TotalOffsetMinutes);
        writer.Write(entry.Kind);
        writer.Write(entry.Destination);
        writer.Write(entry.Seconds);
        writer.Write(entry.Gigabytes);
    }
}
