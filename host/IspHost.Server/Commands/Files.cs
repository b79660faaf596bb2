using System.Text;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary>Files that a command is given.</summary>
static class Files
{
    /// <exception cref="StartException">The file cannot be read.</exception>
    public static Task<string> ReadAsync(FileInfo file, CancellationToken cancellationToken)
        => ReadAsync(file, File.ReadAllTextAsync, cancellationToken);

    /// <summary>What a request is to send: JSON if it begins like it, <c>-</c> for standard input, else the name of a file.</summary>
    /// <exception cref="StartException">The file cannot be read.</exception>
    public static async Task<ApiBody> ReadBodyAsync(string given, CancellationToken cancellationToken)
    {
        if (given.TrimStart() is ['{' or '[' or '"', ..])
            return new(Encoding.UTF8.GetBytes(given), "application/json");
        if (given == "-")
        {
            await using var input = Console.OpenStandardInput();
            using var content = new MemoryStream();
            await input.CopyToAsync(content, cancellationToken);
            return new(content.ToArray(), "application/json");
        }
        var type = Path.GetExtension(given).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? "text/csv" : "application/json";
        return new(await ReadAsync(new FileInfo(given), File.ReadAllBytesAsync, cancellationToken), type);
    }

    /// <exception cref="StartException">The file cannot be written.</exception>
    public static async Task WritingAsync(string file, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be written: {cause.Message}", cause);
        }
    }

    /// <exception cref="StartException">The file cannot be read.</exception>
    public static async Task<T> ReadAsync<T>(
        FileInfo file, Func<string, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read(file.FullName, cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read: {cause.Message}", cause);
        }
    }
}
