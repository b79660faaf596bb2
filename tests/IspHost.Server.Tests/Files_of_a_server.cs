using System.Runtime.Versioning;

namespace IspHost.Server.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class Files_of_a_server(ServerFixture server)
{
    const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [Fact]
    public void Are_closed_to_other_users_of_the_machine()
    {
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(server.Data) & Others);
        var inside = Directory.EnumerateFileSystemEntries(server.Data).Where(entry => Path.GetFileName(entry) != "postgres").ToList();

        Assert.Superset(
            new HashSet<string>(["server.lock", "server.json", "mail", "plugins"]),
            inside.Select(entry => Path.GetFileName(entry)).ToHashSet());
        Assert.All(inside, entry => Assert.Equal(
            UnixFileMode.None, File.GetUnixFileMode(entry) & (Others | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)));
    }
}
