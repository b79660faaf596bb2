using System.Text.Json;
using System.Text.Json.Serialization;

namespace IspHost.Core.Web;

/// <summary>Text as requests may bring it: of bounded length, and without control characters, of which PostgreSQL stores no NUL.</summary>
/// <remarks>Every text of every request goes through here, so a field without rules of its own has these.</remarks>
/// <param name="maxLength">How many characters.</param>
class PlainText(int maxLength) : JsonConverter<string>
{
    const int Default = 1000;

    /// <summary>For fields that say nothing else.</summary>
    public PlainText() : this(Default) { }

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String)
            throw new JsonException();
        // A character takes at most six bytes (\u0041): what is much too long is not even decoded.
        var bytes = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (bytes <= 6L * maxLength && reader.GetString() is var text && text!.Length <= maxLength && IsPlain(text))
            return text;
        throw new JsonException($"{Rule}at most {maxLength} characters, none of them a control character");
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    /// <summary>Begins the message of an exception whose rest is the rule that a field breaks.</summary>
    public const string Rule = "must be ";

    public static bool IsPlain(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character) && character is not ('\t' or '\n' or '\r'))
                return false;
        }
        return true;
    }
}

/// <summary>The text of a price script.</summary>
sealed class SourceText() : PlainText(64 * 1024);
