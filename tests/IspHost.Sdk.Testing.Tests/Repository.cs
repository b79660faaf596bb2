using System.Reflection;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>The source tree that these tests were built from.</summary>
static class Repository
{
    public static string Root { get; } = Path.GetFullPath(typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == nameof(Repository)).Value!);

    public static string PathOf(string relative) => Path.Combine(Root, relative);
}
