using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace IspHost.PluginRuntime;

/// <summary>What <c>files.sig</c> says. It lies in the package, so it travels wherever the package does.</summary>
/// <param name="Key">The fingerprint of the key that signed.</param>
/// <param name="Signature">Two numbers of 32 bytes (IEEE P1363).</param>
public sealed record PackageSignature(string Key, byte[] Signature)
{
    internal const string Name = "files.sig";

    const string Algorithm = "ecdsa-p256-sha256";
    const string Types = "[Content_Types].xml";
    const string Type = "<Default Extension=\"sig\" ContentType=\"application/octet\" />";

    /// <summary>The time of what is added: the first that an archive can name, so that it says nothing.</summary>
    static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Signs a package in place; a signature that it has is replaced.</summary>
    /// <param name="package">The file.</param>
    /// <param name="privateKey">A private key of ECDSA on P-256 in PEM.</param>
    /// <returns>The fingerprint of the key.</returns>
    /// <exception cref="InvalidDataException">The file is no package with a list of files.</exception>
    /// <exception cref="CryptographicException">The key is none, or none of this kind.</exception>
    public static string Sign(string package, string privateKey)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(privateKey);
        var fingerprint = Publisher.FingerprintOf(key.ExportSubjectPublicKeyInfoPem())
            ?? throw new CryptographicException("The key is none of ECDSA on the curve P-256.");
        using var zip = ZipFile.Open(package, ZipArchiveMode.Update);
        var list = Read(zip, PackageArchive.Folder + FileList.Name);
        var signature = key.SignData(list, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        Write(zip, PackageArchive.Folder + Name, JsonSerializer.SerializeToUtf8Bytes(
            new { algorithm = Algorithm, key = fingerprint, signature = Convert.ToBase64String(signature) }));
        NameType(zip);
        return fingerprint;
    }

    /// <exception cref="PluginLoadException">It is no signature, or one of another algorithm.</exception>
    internal static PackageSignature Parse(string package, byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2 });
            var root = document.RootElement;
            return root.GetProperty("algorithm").GetString() == Algorithm
                ? new(root.GetProperty("key").GetString() ?? "", root.GetProperty("signature").GetBytesFromBase64())
                : throw new FormatException("It is of an algorithm that is not known.");
        }
        // What JsonDocument throws for text that is no JSON, has no such property, or one of another kind.
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw PluginRefusal.NoSignature.Of(package, $"{PackageArchive.Folder}{Name}: {cause.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Readers of the Open Packaging Conventions want a type for every extension in the archive.</summary>
    static void NameType(ZipArchive zip)
    {
        if (zip.GetEntry(Types) is null)
            return;
        var types = Encoding.UTF8.GetString(Read(zip, Types));
        if (!types.Contains(Type, StringComparison.Ordinal))
            Write(zip, Types, Encoding.UTF8.GetBytes(types.Replace("</Types>", $"{Type}</Types>", StringComparison.Ordinal)));
    }

    static byte[] Read(ZipArchive zip, string name)
    {
        using var content = (zip.GetEntry(name) ?? throw new InvalidDataException($"The package has no {name}.")).Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    static void Write(ZipArchive zip, string name, byte[] content)
    {
        zip.GetEntry(name)?.Delete();
        var entry = zip.CreateEntry(name);
        entry.LastWriteTime = NoTime;
        using var stream = entry.Open();
        stream.Write(content);
    }
}
