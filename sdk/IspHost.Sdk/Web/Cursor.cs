using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Sdk.Web;

/// <summary>A place in a list, as a text that callers pass on and do not look into.</summary>
/// <remarks>It names its list, so that one which was taken from another list is refused instead of leading somewhere.</remarks>
public static class Cursor
{
    /// <summary>The answer to a text that is no place in the list.</summary>
    public static ProblemHttpResult Unknown => Problems.Field("cursor", "what the page before gave as next");

    /// <summary>The place behind a row.</summary>
    /// <param name="list">The list's name, the same wherever it is read.</param>
    /// <param name="position">What the list is ordered by, as texts.</param>
    public static string Of(string list, params string[] position)
        => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string[]>([list, .. position], Texts.Default.StringArray));

    /// <summary>Reads what <see cref="Of"/> wrote.</summary>
    /// <param name="cursor">As the caller gave it; null for the first page.</param>
    /// <param name="list">The list's name.</param>
    /// <param name="parts">How many texts make a place.</param>
    /// <param name="position">Null before the first row.</param>
    /// <returns>False if it is no place in this list: answer <see cref="Unknown"/>.</returns>
    public static bool TryRead(string? cursor, string list, int parts, out string[]? position)
    {
        position = null;
        if (cursor is null)
            return true;
        if (!TryDecode(cursor, out var all) || all.Length != parts + 1 || all[0] != list)
            return false;
        if (all.Any(text => text is null || text.Contains('\0')))
            return false;
        position = all[1..];
        return true;
    }

    /// <summary>Reads a place in a list that is ordered by an identity.</summary>
    public static bool TryRead(string? cursor, string list, out Guid? position)
    {
        position = null;
        if (!TryRead(cursor, list, 1, out var texts))
            return false;
        if (texts is null)
            return true;
        var isGuid = Guid.TryParse(texts[0], out var id);
        position = id;
        return isGuid;
    }

    /// <summary>Reads a place in a list that is ordered by a text.</summary>
    public static bool TryRead(string? cursor, string list, out string? position)
    {
        var isRead = TryRead(cursor, list, 1, out var texts);
        position = texts?[0];
        return isRead;
    }

    /// <summary>Reads a place in a list that is ordered by a text which several rows may share, and then by identity.</summary>
    /// <param name="cursor">As the caller gave it; null for the first page.</param>
    /// <param name="list">The list's name.</param>
    /// <param name="text">The empty text before the first row.</param>
    /// <param name="id">The empty identity before the first row.</param>
    public static bool TryRead(string? cursor, string list, out string text, out Guid id)
    {
        (text, id) = ("", Guid.Empty);
        if (!TryRead(cursor, list, 2, out var texts))
            return false;
        if (texts is null)
            return true;
        text = texts[0];
        return Guid.TryParse(texts[1], out id);
    }

    static bool TryDecode(string cursor, [NotNullWhen(true)] out string[]? all)
    {
        try
        {
            all = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(cursor), Texts.Default.StringArray);
            return all is not null;
        }
        catch (Exception fault) when (fault is JsonException or FormatException or DecoderFallbackException)
        {
            all = null;
            return false;
        }
    }
}
