using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace IspHost.PluginRuntime.Tests;

/// <summary>A package made for one test, as an archive, with everything in it free to be wrong.</summary>
sealed class TestArchive : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("isphost-archive-").FullName;
    readonly List<(string Name, byte[] Content)> files = [];
    readonly List<(string Name, byte[] Content, int Attributes)> strays = [];

    public string File => Path.Combine(folder, "test.nupkg");

    /// <summary>What the list says of a file instead of the truth.</summary>
    public Func<string, long, string, (string Path, long Size, string Sha256)>? Listed { get; set; }

    /// <summary>The package of a fixture.</summary>
    public static TestArchive Of(string fixture)
    {
        var archive = new TestArchive();
        foreach (var file in Directory.EnumerateFiles(fixture))
            archive.With(Path.GetFileName(file), System.IO.File.ReadAllBytes(file));
        return archive;
    }

    /// <summary>Adds a file, and names it in the list.</summary>
    public TestArchive With(string name, byte[] content)
    {
        files.Add((name, content));
        return this;
    }

    /// <summary>Changes the manifest.</summary>
    public TestArchive Change(string part, string into)
    {
        var manifest = files.FindIndex(file => file.Name == "plugin.json");
        files[manifest] = ("plugin.json", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[manifest].Content).Replace(part, into)));
        return this;
    }

    /// <summary>Adds an entry by its full name, which the list does not name.</summary>
    public TestArchive WithEntry(string name, string content = "stray", int attributes = 0)
    {
        strays.Add((name, Encoding.UTF8.GetBytes(content), attributes));
        return this;
    }

    /// <summary>Writes it.</summary>
    public TestArchive Write()
    {
        using var zip = ZipFile.Open(File, ZipArchiveMode.Create);
        Add(zip, "test.nuspec", "<package />"u8.ToArray(), 0);
        foreach (var (name, content) in files)
            Add(zip, $"plugin/{name}", content, 0);
        Add(zip, "plugin/files.json", JsonSerializer.SerializeToUtf8Bytes(new { files = files.Select(Entry) }), 0);
        foreach (var (name, content, attributes) in strays)
            Add(zip, name, content, attributes);
        return this;
    }

    /// <summary>Writes and signs it.</summary>
    public TestArchive Sign(TestKey key)
    {
        Write();
        PackageSignature.Sign(File, key.Private);
        return this;
    }

    /// <summary>Changes a file after that.</summary>
    public TestArchive Replace(string entry, byte[] content)
    {
        using var zip = ZipFile.Open(File, ZipArchiveMode.Update);
        zip.GetEntry(entry)!.Delete();
        Add(zip, entry, content, 0);
        return this;
    }

    /// <summary>Changes the bytes of the written archive.</summary>
    public TestArchive Bytes(Func<byte[], byte[]> change)
    {
        System.IO.File.WriteAllBytes(File, change(System.IO.File.ReadAllBytes(File)));
        return this;
    }

    public byte[] Read(string entry)
    {
        using var zip = ZipFile.OpenRead(File);
        using var content = zip.GetEntry(entry)!.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    object Entry((string Name, byte[] Content) file)
    {
        var (path, size, sha256) = (file.Name, (long)file.Content.Length, Convert.ToHexStringLower(SHA256.HashData(file.Content)));
        if (Listed is not null)
            (path, size, sha256) = Listed(path, size, sha256);
        return new { path, size, sha256 };
    }

    static void Add(ZipArchive zip, string name, byte[] content, int attributes)
    {
        var entry = zip.CreateEntry(name);
        entry.ExternalAttributes = attributes;
        using var stream = entry.Open();
        stream.Write(content);
    }
}

/// <summary>A publisher's pair of keys.</summary>
sealed class TestKey
{
    public TestKey(ECCurve? curve = null)
    {
        using var key = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        (Private, Public) = (key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }

    public string Private { get; }

    public string Public { get; }

    public Publisher Publisher(PublisherTier tier = PublisherTier.Trusted, bool isRevoked = false)
        => new() { Name = "Example", PublicKey = Public, Tier = tier, IsRevoked = isRevoked };
}
