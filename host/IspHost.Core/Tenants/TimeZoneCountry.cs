using NodaTime.TimeZones;

namespace IspHost.Core.Tenants;

/// <summary>The country that a time zone belongs to, by the zone database's own table.</summary>
static class TimeZoneCountry
{
    public static string? Of(string zone)
        => TzdbDateTimeZoneSource.Default.ZoneLocations?.FirstOrDefault(location => location.ZoneId == zone)?.CountryCode;
}
