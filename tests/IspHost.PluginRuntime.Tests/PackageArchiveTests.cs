using System.Buffers.Binary;
using System.Text;

namespace IspHost.PluginRuntime.Tests;

/// <summary>Archives that are not what they should be. None of them harms anybody: each is refused before anything is unpacked.</summary>
public sealed class PackageArchiveTests
{
    static readonly PackageTrust Anybody = new([], AllowsLocal: true);

    [Fact]
    public void A_package_in_order_is_read_and_unpacked()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Write();
        using var packages = new Unpacking();

        var package = packages.Check(archive);
        var folder = packages.Packages.Unpack(package, archive.File);

        Assert.Equal(("greets", "1.0.0", null), (package.Manifest.Id, package.Manifest.Version.ToNormalizedString(), package.Publisher));
        Assert.StartsWith(Path.Combine(packages.Folder, "greets", "1.0.0"), folder, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Fixtures.Greets, "Greets.dll")), File.ReadAllBytes(Path.Combine(folder, "Greets.dll")));
        Assert.Equal(folder, packages.Packages.Unpack(package, archive.File));
    }

    [Theory]
    [InlineData("plugin/../outside.txt")]
    [InlineData("../outside.txt")]
    [InlineData("/outside.txt")]
    [InlineData("C:/outside.txt")]
    [InlineData("plugin/C:outside.txt")]
    [InlineData("plugin/..\\outside.txt")]
    [InlineData("plugin/sub\\file.txt")]
    [InlineData("plugin/file.txt:stream")]
    [InlineData("plugin/nul")]
    [InlineData("plugin/COM1.txt")]
    [InlineData("plugin/sub/aux .json")]
    [InlineData("plugin/dot.")]
    [InlineData("plugin/space ")]
    [InlineData("plugin//file.txt")]
    [InlineData("plugin/./file.txt")]
    [InlineData("plugin/bell\u0007.txt")]
    [InlineData("plugin/zero\0.txt")]
    [InlineData("plugin/\u03b1.txt")]
    [InlineData("plugin/\u202egnp.dll")]
    public void A_name_that_leads_elsewhere_or_is_not_the_same_everywhere_is_refused(string name)
        => Refused("ISP1005", archive => archive.WithEntry(name));

    [Fact]
    public void A_name_that_is_too_long_is_refused() => Refused("ISP1005", archive => archive.WithEntry($"plugin/{new string('a', 200)}"));

    [Theory]
    [InlineData("plugin/plugin.json")]
    [InlineData("plugin/Plugin.json")]
    [InlineData("PLUGIN/greets.DLL")]
    [InlineData("plugin/Greets.dll/inner.txt")]
    public void A_name_that_comes_twice_is_refused(string name) => Refused("ISP1006", archive => archive.WithEntry(name));

    [Theory]
    [InlineData("plugin/link", 0xA1FF)]
    [InlineData("plugin/pipe", 0x11A4)]
    [InlineData("plugin/disk", 0x61A4)]
    [InlineData("plugin/folder", 0x41ED)]
    [InlineData("plugin/folder/", 0)]
    public void What_is_no_file_is_refused(string name, int mode)
        => Refused("ISP1007", archive => archive.WithEntry(name, "../../outside", mode << 16));

    [Fact]
    public void More_entries_than_2000_are_refused()
        => Refused("ISP1002", archive =>
        {
            for (var i = 0; i < 2_000; i++)
                archive.WithEntry($"package/{i}", "");
        });

    [Fact]
    public void More_bytes_than_may_be_are_refused()
        => Refused("ISP1003", archive => archive.With("big.bin", RandomBytes(40_000)), limits: new() { Bytes = 40_000 });

    [Fact]
    public void An_archive_that_is_too_large_is_not_looked_into()
        => Refused("ISP1003", _ => { }, limits: new() { Bytes = 1_000 });

    [Fact]
    public void Many_times_the_bytes_of_the_archive_are_refused()
        => Refused("ISP1004", archive => archive.With("zeros.bin", new byte[1_000_000]), limits: new() { Ratio = 10 });

    [Fact]
    public void A_file_is_not_read_further_than_its_size_in_the_list()
        => Refused("ISP1011", archive =>
        {
            archive.With("zeros.bin", new byte[1_000_000]);
            archive.Listed = (path, size, sha256) => (path, path == "zeros.bin" ? 10 : size, sha256);
        });

    [Fact]
    public void A_size_in_the_archives_directory_is_not_believed()
        => Refused("ISP1011", archive => archive.With("zeros.bin", new byte[1_000]), write: archive => archive.Write().Bytes(bytes =>
        {
            // The central record of the file: its name begins 46 bytes after the record does, its size stands 24 bytes after.
            var name = bytes.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes("plugin/zeros.bin"));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(name - 46 + 24), 10);
            return bytes;
        }));

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    public void A_size_in_the_list_that_none_can_have_is_refused(long size)
        => Refused(size < 0 ? "ISP1008" : "ISP1003", archive => archive.Listed = (path, _, sha256) => (path, size, sha256));

    [Fact]
    public void A_file_that_is_not_in_the_list_is_refused() => Refused("ISP1009", archive => archive.WithEntry("plugin/stranger.txt"));

    [Fact]
    public void A_file_that_is_in_the_list_alone_is_refused()
        => Refused("ISP1010", _ => { }, write: archive =>
        {
            var list = Encoding.UTF8.GetString(archive.Write().Read("plugin/files.json"));
            archive.Replace("plugin/files.json", Encoding.UTF8.GetBytes(
                list.Replace("\"files\":[", "\"files\":[{\"path\":\"../ghost\",\"size\":1,\"sha256\":\"\"},")));
        });

    [Fact]
    public void A_file_with_another_hash_is_refused()
        => Refused("ISP1011", archive => archive.Listed = (path, size, sha256) => (path, size, new string('0', sha256.Length)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"files\": {}}")]
    [InlineData("{\"files\": [1]}")]
    [InlineData("{\"files\": [{\"path\": \"a\", \"size\": \"1\", \"sha256\": \"\"}]}")]
    [InlineData("{\"files\": [{\"path\": \"a\", \"size\": 1e99, \"sha256\": \"\"}]}")]
    [InlineData("{\"files\": [[[[[]]]]]}")]
    public void A_list_that_is_none_is_refused(string json)
        => Refused("ISP1008", _ => { }, write: archive => archive.Write().Replace("plugin/files.json", Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_list_that_is_too_long_is_not_parsed()
        => Refused("ISP1008", _ => { }, write: archive => archive.Write().Replace("plugin/files.json", new byte[1024 * 1024 + 1]));

    [Fact]
    public void A_package_without_a_manifest_is_refused()
    {
        using var archive = new TestArchive().With("Greets.dll", [1]).Write();
        using var packages = new Unpacking();

        Assert.Equal("ISP1101", Assert.Throws<PluginLoadException>(() => packages.Check(archive)).Refusal.Code);
    }

    [Fact]
    public void A_manifest_that_breaks_a_rule_is_refused() => Refused("ISP1102", archive => archive.Change("1.0.0", "first"));

    [Fact]
    public void A_shared_assembly_in_the_package_is_refused()
        => Refused("ISP1303", archive => archive.With("NodaTime.dll", File.ReadAllBytes(typeof(NodaTime.Instant).Assembly.Location)));

    [Theory]
    [InlineData("")]
    [InlineData("PK")]
    [InlineData("This is no archive, though it is longer than the shortest one.")]
    public void What_is_no_archive_is_refused(string text)
        => Refused("ISP1001", _ => { }, write: archive => archive.Write().Bytes(_ => Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_archive_with_something_behind_its_end_is_refused()
        => Refused("ISP1001", _ => { }, write: archive => archive.Write().Bytes(bytes => [.. bytes, 0]));

    [Fact]
    public void An_archive_with_something_before_its_beginning_is_refused()
        => Refused("ISP1001", _ => { }, write: archive => archive.Write().Bytes(bytes => [0, .. bytes]));

    [Fact]
    public void An_archive_that_was_cut_off_is_refused()
        => Refused("ISP1001", _ => { }, write: archive => archive.Write().Bytes(bytes => bytes[..^100]));

    [Fact]
    public void A_file_whose_bytes_are_damaged_is_refused()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Write().Bytes(bytes =>
        {
            var name = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes("plugin/Greets.dll"));
            bytes.AsSpan(name + 200, 500).Fill(0xFF);
            return bytes;
        });
        using var packages = new Unpacking();

        Assert.True(Assert.Throws<PluginLoadException>(() => packages.Check(archive)).Refusal.Code is "ISP1001" or "ISP1011");
        Assert.Empty(Directory.EnumerateFileSystemEntries(packages.Folder));
    }

    [Fact]
    public void An_archive_that_changes_after_it_was_checked_is_not_unpacked()
    {
        using var archive = TestArchive.Of(Fixtures.Greets).Write();
        using var packages = new Unpacking();
        var package = packages.Check(archive);
        archive.Replace("plugin/Greets.pdb", [1, 2, 3]);

        var refused = Assert.Throws<PluginLoadException>(() => packages.Packages.Unpack(package, archive.File));

        Assert.Equal("ISP1011", refused.Refusal.Code);
        Assert.Empty(Directory.EnumerateFiles(packages.Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Another_archive_than_the_one_that_was_taken_is_refused_however_good()
    {
        using var taken = TestArchive.Of(Fixtures.GreetsNext).Write();
        using var other = TestArchive.Of(Fixtures.Greets).Write();
        using var packages = new Unpacking();

        var refused = Assert.Throws<PluginLoadException>(
            () => packages.Packages.Check(other.File, "test.nupkg", Anybody, packages.Check(taken).Sha256));

        Assert.Equal("ISP1011", refused.Refusal.Code);
    }

    static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    static void Refused(
        string code, Action<TestArchive> spoil, PackageLimits? limits = null, Action<TestArchive>? write = null)
    {
        using var archive = TestArchive.Of(Fixtures.Greets);
        spoil(archive);
        if (write is null)
            archive.Write();
        else
            write(archive);
        using var packages = new Unpacking(limits);

        var refused = Assert.Throws<PluginLoadException>(() => packages.Check(archive));

        Assert.True(refused.Refusal.Code == code, refused.Message);
        Assert.DoesNotContain(refused.Message, c => c is < ' ' or > '~');
        Assert.Empty(Directory.EnumerateFileSystemEntries(packages.Folder));
    }

    /// <summary>A place to unpack to.</summary>
    sealed class Unpacking : IDisposable
    {
        readonly PluginStore store;

        public Unpacking(PackageLimits? limits = null)
        {
            Folder = Directory.CreateTempSubdirectory("isphost-unpacking-").FullName;
            store = new PluginStore(Folder);
            Packages = new(new PackageGate(new SharedAssemblies([]), new(0, 1, 0)), store, limits);
        }

        public string Folder { get; }

        public PluginPackages Packages { get; }

        public PluginPackage Check(TestArchive archive) => Packages.Check(archive.File, "test.nupkg", Anybody);

        public void Dispose()
        {
            store.Dispose();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
