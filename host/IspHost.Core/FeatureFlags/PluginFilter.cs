using IspHost.Sdk;
using IspHost.Sdk.Flags;
using Microsoft.FeatureManagement;

namespace IspHost.Core.FeatureFlags;

/// <summary>A condition that a plugin judges. Filters of the library are there from the start and stay; a plugin comes and goes.</summary>
[FilterAlias(Alias)]
sealed class PluginFilter(IExtensions extensions) : IContextualFeatureFilter<FlagQuestion>
{
    public const string Alias = "IspHost.Plugin";

    const int LongestReason = 200;

    public static string ConditionOf(FlagFilter filter) => $"filter:{filter.Name}";

    public async Task<bool> EvaluateAsync(FeatureFilterEvaluationContext featureFilterContext, FlagQuestion appContext)
    {
        var condition = (FlagFilter)featureFilterContext.Settings;
        var request = RequestOf(featureFilterContext.FeatureName, condition, appContext);
        var (isMet, why) = extensions.Find<IFlagFilter>(condition.Name) is { } filter
            ? await JudgeAsync(filter, request, featureFilterContext.CancellationToken)
            : (false, "no plugin offers it");
        return appContext.Found(ConditionOf(condition), isMet, () => why);
    }

    static async Task<(bool IsMet, string Why)> JudgeAsync(IFlagFilter filter, FlagFilterRequest request, CancellationToken stop)
    {
        try
        {
            var answer = await filter.JudgeAsync(request, stop);
            return (answer.IsMet, Short(answer.Reason ?? (answer.IsMet ? "the plugin says so" : "the plugin says no")));
        }
        catch (Exception cause) when (!stop.IsCancellationRequested) // The boundary to a plugin: without its answer the flag is off.
        {
            return (false, Short($"no answer: {cause.Message}"));
        }
    }

    static FlagFilterRequest RequestOf(string flag, FlagFilter condition, FlagQuestion question) => new()
    {
        Tenant = question.Subject.Tenant,
        Customer = question.Subject.Customer,
        Groups = question.Groups,
        Flag = flag,
        Argument = condition.Argument ?? "",
        Now = question.Now,
    };

    static string Short(string reason) => reason.Length <= LongestReason ? reason : reason[..LongestReason];
}
