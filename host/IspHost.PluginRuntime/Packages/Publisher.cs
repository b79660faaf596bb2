using System.Security.Cryptography;

namespace IspHost.PluginRuntime;

/// <summary>Who signs packages, by a key that the operator has been given in a way of their own.</summary>
public sealed record Publisher
{
    /// <summary>What people read.</summary>
    public required string Name { get; init; }

    /// <summary>A public key of ECDSA on the curve P-256: SPKI in PEM.</summary>
    public required string PublicKey { get; init; }

    /// <summary>How far the publisher is trusted.</summary>
    public required PublisherTier Tier { get; init; }

    /// <summary>Whether the key counts no more, whenever something was signed with it.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>SHA-256 of the public key's DER, in lower-case hexadecimal digits.</summary>
    public string Fingerprint => FingerprintOf(PublicKey) ?? "";

    /// <summary>The fingerprint of a public key.</summary>
    /// <returns>Null if the text is no public key of ECDSA on P-256 in PEM.</returns>
    public static string? FingerprintOf(string pem)
    {
        using var key = TryImport(pem);
        return key is null ? null : Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    internal bool Signed(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        using var key = TryImport(PublicKey);
        return key?.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) == true;
    }

    static ECDsa? TryImport(string pem)
    {
        const string Label = "PUBLIC KEY";
        if (!PemEncoding.TryFind(pem, out var fields) || !pem.AsSpan()[fields.Label].SequenceEqual(Label))
            return null;

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                return key;
        }
        catch (Exception cause) when (cause is CryptographicException or ArgumentException)
        {
            // It is no key of this kind: the caller says so.
        }
        key.Dispose();
        return null;
    }
}

/// <summary>How far a publisher is trusted.</summary>
public enum PublisherTier
{
    /// <summary>Who makes IspHost: may take over a plugin from another publisher.</summary>
    FirstParty,

    /// <summary>A publisher whom the operator trusts with plugins of their own.</summary>
    Trusted,

    /// <summary>A developer on this machine: counts where the operator allows it.</summary>
    Local,
}

/// <summary>Whose packages are taken.</summary>
/// <param name="Publishers">With those whose keys were revoked.</param>
/// <param name="AllowsLocal">
/// Whether packages without a signature, and those of the tier <see cref="PublisherTier.Local"/>, are taken.
/// </param>
public sealed record PackageTrust(IReadOnlyList<Publisher> Publishers, bool AllowsLocal)
{
    /// <returns>Who signed it; null if nobody did and that is allowed.</returns>
    internal Publisher? Check(string package, byte[] list, byte[]? signature)
    {
        if (signature is null)
            return AllowsLocal
                ? null
                : throw PluginRefusal.Unsigned.Of(package, $"it has no {PackageArchive.Folder}{PackageSignature.Name}");

        var signed = PackageSignature.Parse(package, signature);
        var publisher = Publishers.FirstOrDefault(publisher => publisher.Fingerprint == signed.Key)
            ?? throw PluginRefusal.UnknownKey.Of(package, $"nobody is known by the key {EntryName.Shown(signed.Key)}");
        if (publisher.IsRevoked)
            throw PluginRefusal.RevokedKey.Of(package, $"the key {signed.Key} of {publisher.Name} was revoked");
        if (publisher.Tier is PublisherTier.Local && !AllowsLocal)
            throw PluginRefusal.LocalKey.Of(package, $"the key {signed.Key} of {publisher.Name} is a local one");
        return publisher.Signed(list, signed.Signature)
            ? publisher
            : throw PluginRefusal.WrongSignature.Of(package, $"the signature of {publisher.Name} is not one of its {FileList.Name}");
    }
}
