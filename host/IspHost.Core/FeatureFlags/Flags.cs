using System.Diagnostics.Metrics;
using IspHost.Core.Tenants;
using IspHost.Sdk.Flags;
using Microsoft.FeatureManagement;

namespace IspHost.Core.FeatureFlags;

/// <summary>Asks flags.</summary>
sealed class Flags : IFlags
{
    readonly FlagDefinitions definitions;
    readonly IVariantFeatureManager features;
    readonly TenantDirectory tenants;
    readonly Counter<long> evaluations;

    public Flags(FlagDefinitions definitions, IVariantFeatureManager features, TenantDirectory tenants, IMeterFactory meters)
    {
        (this.definitions, this.features, this.tenants) = (definitions, features, tenants);
        evaluations = meters.Create("IspHost.Flags").CreateCounter<long>(
            "isphost.flags.evaluations", "{answer}", "Answers of feature flags.");
    }

    public async ValueTask<FlagAnswer> AskAsync(string flag, FlagSubject subject, CancellationToken cancellationToken)
    {
        if (definitions.Find(flag) is not { } known)
        {
            // Not by its name: those of flags that are not there have no end.
            Count("", "absent");
            return FlagAnswer.Off;
        }
        var answer = await AskAsync(known, QuestionAbout(known, subject), cancellationToken);
        Count(known.Name, answer.IsOn ? "on" : "off");
        return answer;
    }

    /// <summary>An answer with its reasons.</summary>
    public async Task<FlagExplanation> ExplainAsync(KnownFlag flag, FlagSubject subject, CancellationToken cancellationToken)
    {
        var findings = new List<FlagFinding>();
        var question = QuestionAbout(flag, subject, findings);
        return FlagExplanation.Of(flag, question, findings, await AskAsync(flag, question, cancellationToken));
    }

    FlagQuestion QuestionAbout(KnownFlag flag, FlagSubject subject, List<FlagFinding>? findings = null)
        => new(subject, tenants.Find(subject.Tenant), flag.Terms.PercentageOf, tenants.Now(subject.Tenant), findings);

    async ValueTask<FlagAnswer> AskAsync(KnownFlag flag, FlagQuestion question, CancellationToken cancellationToken)
    {
        if (await features.GetVariantAsync(flag.Name, question, cancellationToken) is not { } variant)
            return FlagAnswer.Off;
        var name = KnownFlag.NameOf(variant);
        return new FlagAnswer { IsOn = true, Variant = name, Value = flag.ValueOf(name) };
    }

    void Count(string flag, string result) => evaluations.Add(
        1, new KeyValuePair<string, object?>("flag", flag), new KeyValuePair<string, object?>("result", result));
}
