using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using IspHost.Scripting.Shared;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Workers;

/// <summary>Reads what a worker answers, and takes from a script only charges that the SDK's contract allows.</summary>
static class OutcomeReader
{
    const decimal Highest = 1_000_000_000_000m;
    const int MostDecimals = 12, MostLines = 20, LongestLine = 200, LongestCode = 10, LongestReason = 500;

    /// <summary>Looked for in every line of every item, so many characters at a time.</summary>
    static readonly SearchValues<char> ControlCharacters
        = SearchValues.Create([.. Enumerable.Range(0, 256).Select(code => (char)code).Where(char.IsControl)]);

    public static RatingOutcome Read(ref WireReader frame) => (OutcomeKind)frame.Byte() switch
    {
        OutcomeKind.Amount => Checked(frame.Decimal(), []),
        OutcomeKind.Charge => Checked(frame.Decimal(), Lines(ref frame)),
        OutcomeKind.Failed => new RatingOutcome.Failed(
            PlainText.Line(frame.Text(), LongestCode), PlainText.Line(frame.Text(), LongestReason)),
        _ => throw new InvalidDataException("Not an outcome."),
    };

    static RatingOutcome Checked(decimal amount, ImmutableArray<string> lines)
    {
        if (amount is < 0m or > Highest)
            return OutOfRange("The price is negative or above 10^12.");
        if (decimal.Round(amount, MostDecimals) != amount)
            return OutOfRange($"The price has more than {MostDecimals} decimals: a script rounds what it returns.");
        if (lines.Length > MostLines)
            return OutOfRange($"The explanation has more than {MostLines} lines.");
        foreach (var line in lines)
        {
            if (line.Length > LongestLine)
                return OutOfRange($"The explanation has more than {LongestLine} characters in a line.");
            if (line.AsSpan().ContainsAny(ControlCharacters))
                return OutOfRange("The explanation has control characters.");
            if (!PlainText.IsWhole(line))
                return OutOfRange("The explanation has half of a character: a text was cut through a pair of surrogates.");
        }
        return new RatingOutcome.Rated(new Charge(amount, lines));
    }

    static RatingOutcome.Failed OutOfRange(string reason) => new("SBX204", reason);

    static ImmutableArray<string> Lines(ref WireReader frame)
    {
        var lines = new string[frame.Count(4)];
        for (var i = 0; i < lines.Length; i++)
            lines[i] = frame.Text();
        return ImmutableCollectionsMarshal.AsImmutableArray(lines);
    }
}
