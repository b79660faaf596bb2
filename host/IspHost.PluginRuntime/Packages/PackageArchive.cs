using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace IspHost.PluginRuntime;

/// <summary>A package as an archive, which comes from outside: its names are checked before anything is read from it.</summary>
sealed class PackageArchive : IDisposable
{
    /// <summary>What is below it in the archive is the plugin; what is beside it is for the feeds that packages travel through.</summary>
    public const string Folder = "plugin/";

    const int EndBytes = 22;
    const int UnixKind = 0xF000;
    const int UnixFile = 0x8000;

    readonly string name;
    readonly PackageLimits limits;
    readonly FileStream file;
    readonly ZipArchive zip;
    readonly Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);

    PackageArchive(string name, PackageLimits limits, FileStream file, ZipArchive zip)
        => (this.name, this.limits, this.file, this.zip) = (name, limits, file, zip);

    /// <summary>How many bytes the archive has.</summary>
    public long Length => file.Length;

    /// <summary>The plugin's files, without <see cref="Folder"/>.</summary>
    public IEnumerable<string> Names => entries.Keys;

    /// <param name="path">The file.</param>
    /// <param name="name">What it is called in refusals.</param>
    /// <param name="limits">How much it may be.</param>
    /// <exception cref="PluginLoadException">It breaks a rule for archives.</exception>
    public static PackageArchive Open(string path, string name, PackageLimits limits)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            CheckEnd(file, name, limits);
            var archive = new PackageArchive(name, limits, file, new ZipArchive(file, ZipArchiveMode.Read));
            archive.CheckEntries();
            return archive;
        }
        catch (InvalidDataException cause)
        {
            file.Dispose();
            throw PluginRefusal.NoArchive.Of(name, cause.Message.TrimEnd('.'));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A small file as a whole.</summary>
    /// <returns>Null if it is not there.</returns>
    /// <exception cref="PluginLoadException">It is longer.</exception>
    public byte[]? TryRead(string path, int most, PluginRefusal rule)
    {
        if (!entries.ContainsKey(path))
            return null;
        var content = Read(path, most);
        return content.Length <= most ? content : throw rule.Of(name, $"{Folder}{path} has more than {most} bytes");
    }

    /// <summary>The beginning of a file.</summary>
    /// <returns>All of it, or one byte more than <paramref name="most"/>.</returns>
    /// <exception cref="PluginLoadException">The archive is damaged.</exception>
    public byte[] Read(string path, long most)
    {
        try
        {
            using var content = entries[path].Open();
            var bytes = new byte[most + 1];
            var count = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes[..count];
        }
        catch (InvalidDataException cause)
        {
            throw PluginRefusal.NoArchive.Of(name, $"{Folder}{path}: {cause.Message.TrimEnd('.')}");
        }
    }

    /// <summary>SHA-256 of the archive, in lower-case hexadecimal digits.</summary>
    public string Hash()
    {
        file.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    public void Dispose() => zip.Dispose();

    /// <summary>Looks at the record at the archive's end, so that nobody reads a directory that is too long.</summary>
    /// <remarks>
    /// It must be the last 22 bytes and follow the directory at once. So there is one reading of where entries are: no comment holds
    /// another archive, and nothing is in between.
    /// </remarks>
    static void CheckEnd(FileStream file, string name, PackageLimits limits)
    {
        if (file.Length > limits.Bytes)
            throw PluginRefusal.TooLarge.Of(name, $"the archive has {file.Length} bytes");

        Span<byte> end = stackalloc byte[EndBytes];
        if (file.Length < EndBytes)
            throw PluginRefusal.NoArchive.Of(name, "it is shorter than the shortest archive");
        file.Seek(-EndBytes, SeekOrigin.End);
        file.ReadExactly(end);
        if (!end.StartsWith("PK\x05\x06"u8) || end[4..8].ContainsAnyExcept((byte)0) || end[20..].ContainsAnyExcept((byte)0))
            throw PluginRefusal.NoArchive.Of(name, "it does not end with the end record of an archive in one part");

        var (count, directory, start) = (Short(end[10..]), Int(end[12..]), Int(end[16..]));
        if (count > limits.Entries)
            throw PluginRefusal.TooManyEntries.Of(name, $"it has {count} entries");
        if (directory > limits.DirectoryBytes || start + directory + EndBytes != file.Length)
            throw PluginRefusal.NoArchive.Of(name, "its directory is not right before its end record, or is too long");
    }

    static int Short(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    static long Int(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    void CheckEntries()
    {
        var all = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in zip.Entries)
        {
            var shown = EntryName.Shown(entry.FullName);
            CheckKind(entry, shown);
            if (EntryName.Objection(entry.FullName) is { } objection)
                throw PluginRefusal.Name.Of(name, $"the name \"{shown}\" {objection}");
            if (!all.Add(entry.FullName))
                throw PluginRefusal.SameName.Of(name, $"the name \"{shown}\" comes twice, if case does not count");
            if (entry.FullName.StartsWith(Folder, StringComparison.Ordinal))
                entries.Add(entry.FullName[Folder.Length..], entry);
        }
        CheckFolders(all);
    }

    void CheckKind(ZipArchiveEntry entry, string shown)
    {
        var kind = (entry.ExternalAttributes >> 16) & UnixKind;
        if (kind is not (0 or UnixFile) || ((FileAttributes)entry.ExternalAttributes).HasFlag(FileAttributes.Directory)
            || entry.FullName.EndsWith('/'))
            throw PluginRefusal.Link.Of(name, $"\"{shown}\" is no file");
        if (entry.IsEncrypted)
            throw PluginRefusal.NoArchive.Of(name, $"\"{shown}\" is encrypted");
    }

    void CheckFolders(HashSet<string> all)
    {
        foreach (var entry in all)
        {
            for (var slash = entry.IndexOf('/'); slash >= 0; slash = entry.IndexOf('/', slash + 1))
            {
                if (all.TryGetValue(entry[..slash], out var file))
                    throw PluginRefusal.SameName.Of(name, $"\"{file}\" is a file, and the folder of \"{entry}\"");
            }
        }
    }
}
