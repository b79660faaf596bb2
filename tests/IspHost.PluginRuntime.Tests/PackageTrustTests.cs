using System.Security.Cryptography;
using System.Text;

namespace IspHost.PluginRuntime.Tests;

public sealed class PackageTrustTests
{
    static readonly TestKey Key = new();

    [Fact]
    public void A_package_of_a_publisher_who_is_known_is_taken()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key);

        var package = Check(archive, new([Key.Publisher()], AllowsLocal: false));

        Assert.Equal("Example", package.Publisher!.Name);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(archive.File))), package.Sha256);
    }

    [Fact]
    public void A_package_that_nobody_signed_is_refused_unless_the_operator_allows_it()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Write();

        Assert.Equal("ISP1201", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: false)));
        Assert.Null(Check(archive, new([], AllowsLocal: true)).Publisher);
    }

    [Fact]
    public void A_key_that_nobody_knows_is_refused_even_where_unsigned_packages_are_not()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(new TestKey());

        Assert.Equal("ISP1203", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: true)));
    }

    [Fact]
    public void A_key_that_was_revoked_is_refused()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key);

        Assert.Equal("ISP1204", RefusedBy(archive, new([Key.Publisher(isRevoked: true)], AllowsLocal: true)));
    }

    [Fact]
    public void A_local_key_counts_where_the_operator_allows_it()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key);

        Assert.Equal("ISP1206", RefusedBy(archive, new([Key.Publisher(PublisherTier.Local)], AllowsLocal: false)));
        Assert.NotNull(Check(archive, new([Key.Publisher(PublisherTier.Local)], AllowsLocal: true)).Publisher);
    }

    [Fact]
    public void One_who_signs_in_the_name_of_another_is_refused()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(new TestKey());
        var signature = Encoding.UTF8.GetString(archive.Read("plugin/files.sig"));
        var signer = signature.Split("\"key\":\"")[1][..64];
        archive.Replace("plugin/files.sig", Encoding.UTF8.GetBytes(signature.Replace(signer, Key.Publisher().Fingerprint)));

        Assert.Equal("ISP1205", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: true)));
    }

    [Fact]
    public void A_list_that_changed_after_it_was_signed_is_refused()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key);
        archive.Replace("plugin/files.json", [.. archive.Read("plugin/files.json"), (byte)'\n']);

        Assert.Equal("ISP1205", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: true)));
    }

    [Theory]
    [InlineData("plugin/Greets.dll")]
    [InlineData("plugin/plugin.json")]
    public void A_byte_that_changed_after_the_package_was_signed_is_noticed(string entry)
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key);
        var content = archive.Read(entry);
        content[^1] ^= 1;
        archive.Replace(entry, content);

        Assert.Equal("ISP1011", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: true)));
    }

    [Fact]
    public void The_signature_of_another_package_is_refused()
    {
        using var other = TestArchive.Of(Fixtures.GreetsNext).Sign(Key);
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key);
        archive.Replace("plugin/files.sig", other.Read("plugin/files.sig"));

        Assert.Equal("ISP1205", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: true)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"algorithm\": \"none\", \"key\": \"\", \"signature\": \"\"}")]
    [InlineData("{\"algorithm\": \"ecdsa-p256-sha256\", \"key\": \"\", \"signature\": \"?\"}")]
    [InlineData("{\"algorithm\": \"ecdsa-p256-sha256\", \"key\": 7, \"signature\": \"\"}")]
    public void A_signature_that_is_none_is_refused(string json)
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(Key).Replace("plugin/files.sig", Encoding.UTF8.GetBytes(json));

        Assert.Equal("ISP1202", RefusedBy(archive, new([Key.Publisher()], AllowsLocal: true)));
    }

    [Fact]
    public void Signing_again_replaces_the_signature()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Sign(new TestKey());
        PackageSignature.Sign(archive.File, Key.Private);

        Assert.NotNull(Check(archive, new([Key.Publisher()], AllowsLocal: false)).Publisher);
    }

    [Fact]
    public void Only_public_keys_of_ECDSA_on_P_256_have_a_fingerprint()
    {
        using var rsa = RSA.Create(2048);

        Assert.Equal(64, Publisher.FingerprintOf(Key.Public)!.Length);
        Assert.Null(Publisher.FingerprintOf(Key.Private));
        Assert.Null(Publisher.FingerprintOf(new TestKey(ECCurve.NamedCurves.nistP384).Public));
        Assert.Null(Publisher.FingerprintOf(rsa.ExportSubjectPublicKeyInfoPem()));
        Assert.Null(Publisher.FingerprintOf("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"));
        Assert.Null(Publisher.FingerprintOf("no key"));
    }

    [Fact]
    public void A_key_of_another_curve_does_not_sign()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Write();

        Assert.Throws<CryptographicException>(
            () => PackageSignature.Sign(archive.File, new TestKey(ECCurve.NamedCurves.nistP384).Private));
    }

    static string RefusedBy(TestArchive archive, PackageTrust trust)
        => Assert.Throws<PluginLoadException>(() => Check(archive, trust)).Refusal.Code;

    static PluginPackage Check(TestArchive archive, PackageTrust trust)
        => PluginPackages.Check(archive.File, trust, new PluginRuntimeOptions());
}
