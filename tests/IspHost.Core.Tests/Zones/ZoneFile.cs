using System.Text;
using NodaTime;
using NodaTime.TimeZones;

namespace IspHost.Core.Tests.Zones;

/// <summary>NodaTime's own rules as of another release, in which two zones have each other's name.</summary>
sealed class ZoneFile : IDisposable
{
    public const string Newer = "2099a";

    const string Placeholder = "Atlantis/Town";

    readonly string folder = Directory.CreateTempSubdirectory("isphost-zones-").FullName;
    readonly (string One, string Other) swapped;

    ZoneFile(string one, string other)
    {
        swapped = (one, other);
        Write(Newer);
    }

    public string Path => System.IO.Path.Combine(folder, "tzdb.nzd");

    /// <param name="one">A zone.</param>
    /// <param name="other">One whose name is as long.</param>
    public static ZoneFile Swapping(string one, string other) => new(one, other);

    public void Write(string version)
    {
        using var own = typeof(DateTimeZone).Assembly.GetManifestResourceStream("NodaTime.TimeZones.Tzdb.nzd")!;
        using var copy = new MemoryStream();
        own.CopyTo(copy);
        // Octet by octet: Latin-1 has a character for each.
        var text = Encoding.Latin1.GetString(copy.ToArray())
            .Replace(TzdbDateTimeZoneSource.Default.TzdbVersion, version, StringComparison.Ordinal)
            .Replace(swapped.One, Placeholder, StringComparison.Ordinal)
            .Replace(swapped.Other, swapped.One, StringComparison.Ordinal)
            .Replace(Placeholder, swapped.Other, StringComparison.Ordinal);
        File.WriteAllBytes(Path, Encoding.Latin1.GetBytes(text));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
