using System.Security.Cryptography;
using IspHost.Core.Database;

namespace IspHost.Core.Secrets;

/// <summary>Where the vault's key comes from.</summary>
public static class VaultKey
{
    const string Variable = "ISPHOST_VAULT_KEY_FILE";

    /// <summary>
    /// The key of the file that <c>ISPHOST_VAULT_KEY_FILE</c> names, 64 hexadecimal digits; else one that lies in the database where
    /// only its owner reads, made at the first start.
    /// </summary>
    /// <remarks>A key in the database protects from the application's role, not from a dump: production gives a file.</remarks>
    /// <exception cref="DatabaseStartException">There is no key, or the file holds none.</exception>
    public static async Task<byte[]> FindAsync(HostConnections connections, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file)
            return Parse(await ReadAsync(file, cancellationToken)) ?? throw new DatabaseStartException(
                $"{file} must hold 64 hexadecimal digits.");
        if (connections.Owner is null)
            throw new DatabaseStartException(
                $"With the application's connection string, {Variable} must name the file of the vault's key.");
        var stored = await OwnerSecret.EnsureAsync(
            connections.Owner, "vault", () => RandomNumberGenerator.GetHexString(64), cancellationToken);
        return Parse(stored)!;
    }

    static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseStartException($"The vault's key cannot be read: {cause.Message}", cause);
        }
    }

    static byte[]? Parse(string text)
    {
        text = text.Trim();
        return text.Length == 64 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;
    }
}
