using NodaTime;
using NodaTime.TimeZones;
using NodaTime.Utility;

namespace IspHost.Core.Zones;

/// <summary>When clocks are changed where: the one source of all borders of days, months and periods.</summary>
/// <remarks>
/// States change their rules at a few weeks' notice. So the operator may give a file with newer ones than those that came with this
/// build; PostgreSQL and the operating system have theirs, and are asked for no border.
/// </remarks>
public sealed class ZoneRules
{
    readonly TzdbDateTimeZoneSource source;

    ZoneRules(TzdbDateTimeZoneSource source)
    {
        this.source = source;
        Zones = new DateTimeZoneCache(source);
    }

    /// <summary>The rules that came with this build.</summary>
    public static ZoneRules BuiltIn { get; } = new(TzdbDateTimeZoneSource.Default);

    /// <summary>All zones.</summary>
    public IDateTimeZoneProvider Zones { get; }

    /// <summary>The release of the time zone database, such as <c>2026f</c>.</summary>
    public string Version => source.TzdbVersion;

    /// <summary>The newer of a file's rules and those of this build.</summary>
    /// <param name="file">In the format of NodaTime, <c>.nzd</c>; null for none.</param>
    /// <exception cref="ZoneFileException">It cannot be read as such.</exception>
    public static ZoneRules From(string? file)
    {
        if (file is null)
            return BuiltIn;
        try
        {
            using var stream = File.OpenRead(file);
            return Newer(TzdbDateTimeZoneSource.FromStream(stream));
        }
        catch (Exception cause) when (
            cause is IOException or UnauthorizedAccessException or InvalidNodaDataException or NotSupportedException)
        {
            throw new ZoneFileException($"The time zone file {file} cannot be read: {cause.Message.ReplaceLineEndings(" ")}", cause);
        }
    }

    /// <summary>The country that a zone belongs to, by the database's own table.</summary>
    public string? CountryOf(string zone) => source.ZoneLocations?.FirstOrDefault(location => location.ZoneId == zone)?.CountryCode;

    static ZoneRules Newer(TzdbDateTimeZoneSource given)
        => string.CompareOrdinal(given.TzdbVersion, BuiltIn.Version) > 0 ? new ZoneRules(given) : BuiltIn;
}

/// <summary>The operator's time zone file cannot be used. The message is one line for the operator.</summary>
public sealed class ZoneFileException(string message, Exception cause) : Exception(message, cause);
