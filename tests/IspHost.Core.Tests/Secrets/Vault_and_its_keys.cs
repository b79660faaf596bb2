using System.Runtime.Versioning;
using System.Security.Cryptography;
using IspHost.Core.Database;
using IspHost.Core.Secrets;
using IspHost.Sdk;
using IspHost.Testing;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.Core.Tests.Secrets;

public sealed class Vault_and_its_keys(PostgresFixture postgres) : IDisposable
{
    const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    readonly string file = Path.GetTempFileName();
    readonly FakeTimeProvider time = new();
    readonly TenantId tenant = TenantId.New();
    readonly Guid row = Guid.NewGuid();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(file);

    [Fact]
    public void A_text_opens_in_its_place()
    {
        var vault = new Vault(Keys(KeyOf(1)));
        var place = SealedColumn.Password.At(tenant, row);

        Assert.Equal("läßt", vault.Open(place, vault.Seal(place, "läßt")));
    }

    [Fact]
    public void A_text_moved_to_another_tenant_row_or_column_does_not_open()
    {
        var vault = new Vault(Keys(KeyOf(1)));
        var text = vault.Seal(SealedColumn.Password.At(tenant, row), "secret");

        SealedPlace[] elsewhere =
        [
            SealedColumn.Password.At(TenantId.New(), row), SealedColumn.Password.At(tenant, Guid.NewGuid()),
            SealedColumn.NasSecret.At(tenant, row),
        ];
        Assert.All(elsewhere, place => Assert.ThrowsAny<CryptographicException>(() => vault.Open(place, text)));
    }

    [Fact]
    public void A_changed_octet_anywhere_does_not_open()
    {
        var vault = new Vault(Keys(KeyOf(1)));
        var place = SealedColumn.Password.At(tenant, row);
        var text = vault.Seal(place, "secret");

        Assert.All(Enumerable.Range(0, text.Length), i =>
        {
            var changed = (byte[])text.Clone();
            changed[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => vault.Open(place, changed));
        });
        Assert.All(Enumerable.Range(0, text.Length), length =>
            Assert.ThrowsAny<CryptographicException>(() => vault.Open(place, text.AsSpan(0, length))));
    }

    [Fact]
    public void A_text_of_the_first_format_still_opens()
    {
        var old = OfTheFirstFormat("secret", Convert.FromHexString(KeyOf(1)));

        Assert.Equal("secret", new Vault(Keys(KeyOf(1))).Open(SealedColumn.Password.At(tenant, row), old));
    }

    [Fact]
    public void A_key_that_is_added_to_the_file_is_found_when_a_text_needs_it()
    {
        var place = SealedColumn.Password.At(tenant, row);
        var keys = Keys(KeyOf(1));
        var text = new Vault(new VaultKeys(Store(KeyOf(1), $"2 {KeyOf(2)}"), current: 2, time)).Seal(place, "secret");
        Store(KeyOf(1));
        Assert.ThrowsAny<CryptographicException>(() => new Vault(keys).Open(place, text));

        Store(KeyOf(1), $"2 {KeyOf(2)}");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("secret", new Vault(keys).Open(place, text));

        Assert.Equal("0200000002", Convert.ToHexString(new Vault(keys).Seal(place, "next")[..5]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("0 00")]
    [InlineData($"x {Zeros}")]
    [InlineData($"0 {Zeros}")]
    [InlineData($"{Zeros}\n1 {Zeros}")]
    public void A_file_that_holds_something_else_is_refused(string text)
        => Assert.Contains(file, Assert.Throws<DatabaseStartException>(() => Store(text).Read()).Message, StringComparison.Ordinal);

    [Fact, UnsupportedOSPlatform("windows")]
    public void A_file_that_others_may_read_is_refused()
    {
        var store = Store(KeyOf(1));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Contains("chmod 600", Assert.Throws<DatabaseStartException>(() => store.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_another_key_than_the_databases_is_refused_at_the_start()
    {
        await using var database = await postgres.CreateAsync();
        await VaultKeys.OpenAsync(database.Database.Connections, Store(KeyOf(1)), Stop);

        var refused = await Assert.ThrowsAsync<DatabaseStartException>(
            () => VaultKeys.OpenAsync(database.Database.Connections, Store(KeyOf(2)), Stop));

        Assert.Contains("key 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_in_the_database_are_made_once_and_the_next_one_when_it_is_wanted()
    {
        await using var database = await postgres.CreateAsync();
        var owner = ((HostConnections)database.Database).Owner!;
        var store = await OwnedVaultKeys.OpenAsync(owner, Stop);
        var first = store.Read();

        Assert.Equal(first[1], (await OwnedVaultKeys.OpenAsync(owner, Stop)).Read()[1]);
        Assert.Equal(2, await store.NextAsync(1, Stop));
        Assert.Equal([1, 2], store.Read().Keys.Order());

        await store.RemoveAsync(1, Stop);
        Assert.Equal([2], (await OwnedVaultKeys.OpenAsync(owner, Stop)).Read().Keys);
    }

    VaultKeys Keys(params string[] lines) => new(Store(lines), current: 1, time);

    VaultKeyFile Store(params string[] lines)
    {
        File.WriteAllLines(file, lines);
        return new VaultKeyFile(file);
    }

    static string KeyOf(byte number) => Convert.ToHexString([.. Enumerable.Repeat(number, 32)]);

    byte[] OfTheFirstFormat(string text, byte[] key)
    {
        var (nonce, tag, plain) = (new byte[12], new byte[16], System.Text.Encoding.UTF8.GetBytes(text));
        var cipherText = new byte[plain.Length];
        using var cipher = new AesGcm(key, 16);
        cipher.Encrypt(nonce, plain, cipherText, tag, tenant.Value.ToByteArray());
        return [1, .. nonce, .. tag, .. cipherText];
    }
}
