using System.Globalization;
using System.Security.Cryptography;
using IspHost.Core.Database;
using Npgsql;

namespace IspHost.Core.Secrets;

/// <summary>Where the vault's keys lie.</summary>
abstract class VaultKeyStore
{
    /// <summary>All keys by number. It may be read again, for one that was added.</summary>
    public abstract IReadOnlyDictionary<int, byte[]> Read();

    /// <summary>The number of a key that may take the place of the current one.</summary>
    /// <exception cref="VaultException">There is none; the message says what to do.</exception>
    public abstract Task<int> NextAsync(int current, CancellationToken cancellationToken);

    /// <summary>Forgets a key that nothing uses any more, if that is not the operator's to do.</summary>
    public virtual Task RemoveAsync(int number, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A file with a key a line: its number and 64 hexadecimal digits. Digits alone are key 1.</summary>
sealed class VaultKeyFile(string path) : VaultKeyStore
{
    const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="DatabaseStartException">The file cannot be read, is open to others, or holds no keys.</exception>
    public override IReadOnlyDictionary<int, byte[]> Read()
    {
        var keys = new Dictionary<int, byte[]>();
        foreach (var line in Lines().Where(line => line.Trim().Length > 0))
        {
            if (Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) is not var (number, key)
                || !keys.TryAdd(number, key))
                throw new DatabaseStartException(
                    $"{path} must hold a key a line, each with a number of its own: 'NUMBER HEX', with 64 hexadecimal digits.");
        }
        return keys.Count > 0 ? keys : throw new DatabaseStartException($"{path} must hold 64 hexadecimal digits.");
    }

    public override Task<int> NextAsync(int current, CancellationToken cancellationToken)
        => Read().Keys.Max() is var newest && newest > current
            ? Task.FromResult(newest)
            : throw new VaultException(
                $"{path} holds no key after {current}: add a line '{current + 1} HEX' to it on every node, "
                + "with HEX from 'openssl rand -hex 32'.");

    string[] Lines()
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                throw new DatabaseStartException($"Others than its owner can get at the vault's keys: chmod 600 {path}");
            return File.ReadAllLines(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseStartException($"The vault's keys cannot be read: {cause.Message}", cause);
        }
    }

    static (int Number, byte[] Key)? Parse(string[] words) => words switch
    {
        [var key] when IsKey(key) => (1, Convert.FromHexString(key)),
        [var number, var key] when IsKey(key)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed > 0
            => (parsed, Convert.FromHexString(key)),
        _ => null,
    };

    static bool IsKey(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);
}

/// <summary>Keys in the database, where only its owner reads. They protect from the application's role, and not from a dump.</summary>
sealed class OwnedVaultKeys : VaultKeyStore
{
    const string First = "vault";

    readonly NpgsqlDataSource owner;

    OwnedVaultKeys(NpgsqlDataSource owner) => this.owner = owner;

    public static async Task<OwnedVaultKeys> OpenAsync(NpgsqlDataSource owner, CancellationToken cancellationToken)
    {
        var keys = new OwnedVaultKeys(owner);
        if (keys.Read().Count == 0)
            await keys.EnsureAsync(First, cancellationToken);
        return keys;
    }

    public override IReadOnlyDictionary<int, byte[]> Read()
        => OwnerSecret.Read(owner, First).ToDictionary(
            secret => secret.Name == First ? 1 : int.Parse(secret.Name.AsSpan(First.Length + 1), CultureInfo.InvariantCulture),
            secret => Convert.FromHexString(secret.Value));

    public override async Task<int> NextAsync(int current, CancellationToken cancellationToken)
    {
        await EnsureAsync(NameOf(current + 1), cancellationToken);
        return current + 1;
    }

    public override Task RemoveAsync(int number, CancellationToken cancellationToken)
        => OwnerSecret.RemoveAsync(owner, NameOf(number), cancellationToken);

    static string NameOf(int number) => number == 1 ? First : $"{First}-{number}";

    Task<string> EnsureAsync(string name, CancellationToken cancellationToken)
        => OwnerSecret.EnsureAsync(owner, name, () => RandomNumberGenerator.GetHexString(64), cancellationToken);
}

/// <summary>One key that never changes.</summary>
sealed class OneKey(byte[] key) : VaultKeyStore
{
    public override IReadOnlyDictionary<int, byte[]> Read() => new Dictionary<int, byte[]> { [1] = key };

    public override Task<int> NextAsync(int current, CancellationToken cancellationToken)
        => throw new VaultException("There is one key, and no other.");
}

/// <summary>A key that cannot be made current, or taken away. The message is for the operator.</summary>
public sealed class VaultException(string message) : Exception(message);
