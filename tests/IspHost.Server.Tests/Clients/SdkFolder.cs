using System.Reflection;

namespace IspHost.Server.Tests.Clients;

/// <summary>The folder <c>sdk</c> of the source tree that these tests were built from.</summary>
static class SdkFolder
{
    static readonly string Root = Path.GetFullPath(typeof(SdkFolder).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Sdk").Value!);

    public static string PathOf(string relative) => Path.Combine(Root, relative);
}
