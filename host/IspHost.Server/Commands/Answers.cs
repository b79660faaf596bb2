using System.Text.Encodings.Web;
using System.Text.Json;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary>Answers of the API, for people and programs: JSON indented, and all else byte for byte.</summary>
static class Answers
{
    // Names in Greek are to be read. No browser reads this.
    static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="answer">What came.</param>
    /// <param name="to">The file that it goes to; null for standard output.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="StartException">The file cannot be written, or a terminal cannot show the answer.</exception>
    public static Task WriteAsync(ApiAnswer answer, FileInfo? to, CancellationToken cancellationToken)
    {
        if (answer.Json is { } json)
            return WriteAsync(BytesOf(writer => json.WriteTo(writer)), to, cancellationToken);
        if (to is null && answer.Type is not null && !answer.IsText && !Console.IsOutputRedirected)
            throw new StartException($"The answer is {answer.Type}, which a terminal does not show: say --output FILE.");
        return WriteAsync(answer.Content, to, cancellationToken);
    }

    public static Task WriteAsync(IReadOnlyList<JsonElement> items, FileInfo? to, CancellationToken cancellationToken)
        => WriteAsync(
            BytesOf(writer =>
            {
                writer.WriteStartArray();
                foreach (var item in items)
                    item.WriteTo(writer);
                writer.WriteEndArray();
            }), to, cancellationToken);

    static byte[] BytesOf(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Indented))
            write(writer);
        bytes.Write("\n"u8);
        return bytes.ToArray();
    }

    static async Task WriteAsync(byte[] content, FileInfo? to, CancellationToken cancellationToken)
    {
        if (to is null)
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(content, cancellationToken);
            return;
        }
        try
        {
            await PrivateFiles.WriteAsync(to.FullName, content, cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{to} cannot be written: {cause.Message}", cause);
        }
    }
}
