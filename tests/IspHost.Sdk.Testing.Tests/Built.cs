using System.Globalization;
using System.Reflection;
using System.Text;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>Where plugins were built to.</summary>
static class Built
{
    static readonly CompositeFormat Pattern = CompositeFormat.Parse(typeof(Built).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == nameof(Built)).Value!);

    public static string FolderOf(string project) => string.Format(CultureInfo.InvariantCulture, Pattern, project);
}

/// <summary>Tests that measure the memory of the process, while no other runs.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
