using System.Globalization;
using IspHost.Scripting;
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
    public static async Task<ScriptCheck> RunAsync(PriceScripts scripts, string source, CancellationToken cancellationToken)
    {
        switch (await scripts.CompileAsync(source, cancellationToken))
        {
            case ScriptVerdict.Rejected([var first, ..]):
                return new ScriptCheck("REJECT", Code: first.Code, Line: first.Line, Column: first.Column, Text: first.Text);
            case ScriptVerdict.Accepted(var image):
                return Of((await scripts.RunAsync(image, [SampleItem.Value], cancellationToken))[0]);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static ScriptCheck Of(RatingOutcome outcome) => outcome switch
    {
        RatingOutcome.Rated(var charge) => new ScriptCheck("ACCEPT", charge.Amount.ToString(CultureInfo.InvariantCulture)),
        RatingOutcome.Failed(var code, var reason) => new ScriptCheck("STOP", Code: code, Text: reason),
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
