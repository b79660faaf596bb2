using System.Globalization;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Sdk.Rating;

namespace IspHost.Core.Pricing;

/// <summary>What a source comes to when it is compiled and run on the sample item.</summary>
/// <param name="Verdict"><c>ACCEPT</c>, <c>REJECT</c> before it ran, or <c>STOP</c> while it ran.</param>
/// <param name="Value">The amount, if accepted.</param>
/// <param name="Code">The rule that refused or stopped it.</param>
/// <param name="Line">Where, in the source.</param>
/// <param name="Column">Where, in the source.</param>
/// <param name="Text">Why.</param>
public sealed record ScriptCheck(
    string Verdict, string? Value = null, string? Code = null, int? Line = null, int? Column = null, string? Text = null)
{
    /// <summary>Compiles a source and runs it once.</summary>
    public static async Task<ScriptCheck> RunAsync(
        PriceScripts scripts, TenantId tenant, string source, CancellationToken cancellationToken)
        => await OfAsync(scripts, tenant, await scripts.CompileAsync(tenant, source, cancellationToken), cancellationToken);

    /// <summary>Runs what was compiled, once.</summary>
    public static async Task<ScriptCheck> OfAsync(
        PriceScripts scripts, TenantId tenant, ScriptVerdict verdict, CancellationToken cancellationToken) => verdict switch
        {
            ScriptVerdict.Rejected([var first, ..])
                => new ScriptCheck("REJECT", Code: first.Code, Line: first.Line, Column: first.Column, Text: first.Text),
            ScriptVerdict.Accepted(var image)
                => Of((await scripts.RunAsync(tenant, image, [SampleItem.Value], cancellationToken))[0]),
            ScriptVerdict.OverShare
                => new ScriptCheck("STOP", Code: "SBX206", Text: "Others of your scripts are being checked: try again."),
            ScriptVerdict.Later(var why) => new ScriptCheck("STOP", Code: "SBX207", Text: why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static ScriptCheck Of(RatingOutcome outcome) => outcome switch
    {
        RatingOutcome.Rated(var charge) => new ScriptCheck("ACCEPT", charge.Amount.ToString(CultureInfo.InvariantCulture)),
        RatingOutcome.Failed(var code, var reason) => new ScriptCheck("STOP", Code: code, Text: reason),
        RatingOutcome.Later(var code, var reason) => new ScriptCheck("STOP", Code: code, Text: reason),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The line that <c>script check</c> prints behind the file's name.</summary>
    public override string ToString() => Verdict switch
    {
        "ACCEPT" => $"ACCEPT {Value}",
        "REJECT" => $"REJECT {Code} {Line}:{Column} {Text}",
        _ => $"STOP {Code} {Text}",
    };
}
