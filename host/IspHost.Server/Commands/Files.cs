using IspHost.Server.Serving;

namespace IspHost.Server.Commands;

/// <summary>Files that a command is given.</summary>
static class Files
{
    /// <exception cref="StartException">The file cannot be read.</exception>
    public static async Task<string> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file.FullName, cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read: {cause.Message}", cause);
        }
    }
}
