using System.Globalization;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using NodaTime;

namespace IspHost.Core.FeatureFlags;

/// <summary>The condition that one of the windows is open, by the tenant's clock.</summary>
/// <remarks>
/// The library knows instants, and repeats them every 24 hours: a night would begin an hour later from one spring Sunday on. So it is told
/// what the tenant's clock shows, in windows and now, as if that were UTC. It gets no cache: what it would remember is for one clock.
/// </remarks>
[FilterAlias(Alias)]
sealed class WindowFilter : IContextualFeatureFilter<FlagQuestion>
{
    public const string Alias = "IspHost.Windows";
    public const string Condition = "windows";

    public async Task<bool> EvaluateAsync(FeatureFilterEvaluationContext featureFilterContext, FlagQuestion appContext)
    {
        var windows = (TimeWindowFilterSettings[])featureFilterContext.Settings;
        var shown = appContext.Now.InZone(appContext.Tenant?.Zone ?? DateTimeZone.Utc).LocalDateTime;
        var filter = new TimeWindowFilter { SystemClock = new StoppedClock(FlagWindow.AsOfUtc(shown)) };
        for (var i = 0; i < windows.Length; i++)
        {
            featureFilterContext.Settings = windows[i];
            if (await filter.EvaluateAsync(featureFilterContext))
                return appContext.Found(Condition, true, () => $"windows[{i}] is open at {Text(shown)} of the tenant's clock");
        }
        return appContext.Found(Condition, false, () => $"none is open at {Text(shown)} of the tenant's clock");
    }

    static string Text(LocalDateTime time) => time.ToString("uuuu-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
