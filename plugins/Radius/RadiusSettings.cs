using System.Globalization;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace IspHost.Plugins.Radius;

/// <summary>What an operator can set under <c>Plugins:Radius</c>.</summary>
sealed record RadiusSettings
{
    /// <summary>After how many missed interims a session counts as stale: it then no longer fills a session limit.</summary>
    public int StaleAfterIntervals { get; init; } = 3;

    /// <summary>For how long an access server is asked to change a session before the outcome is "no answer".</summary>
    public Duration ChangeDeadline { get; init; } = Duration.FromSeconds(30);

    /// <summary>How long one CoA- or Disconnect-Request waits for its answer before it is sent again.</summary>
    public Duration ChangeTimeout { get; init; } = Duration.FromSeconds(1);

    public static RadiusSettings Read(IConfiguration settings)
    {
        var standard = new RadiusSettings();
        return new RadiusSettings
        {
            StaleAfterIntervals = Number(settings, "StaleAfterIntervals", 1, 100) ?? standard.StaleAfterIntervals,
            ChangeDeadline = Seconds(settings, "ChangeDeadlineSeconds", 300) ?? standard.ChangeDeadline,
            ChangeTimeout = Seconds(settings, "ChangeTimeoutSeconds", 10) ?? standard.ChangeTimeout,
        };
    }

    static Duration? Seconds(IConfiguration settings, string name, int max)
        => Number(settings, name, 1, max) is { } seconds ? Duration.FromSeconds(seconds) : null;

    static int? Number(IConfiguration settings, string name, int min, int max)
    {
        if (settings[name] is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new ArgumentException($"The setting {name} is '{text}' and must be a whole number from {min} to {max}.");
    }
}
