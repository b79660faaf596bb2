using IspHost.Scripting.Shared;
using IspHost.Sdk.Rating;

namespace IspHost.ScriptWorker.Run;

/// <summary>Outcomes of a batch, until its turn is over.</summary>
sealed class OutcomeWriter(int count)
{
    /// <summary>A script's own words go into logs and pages: short, and without line breaks that would look like other entries.</summary>
    const int LongestReason = 200;

    readonly List<Charge> charges = new(Math.Min(count, 1000));
    readonly List<(int Place, string Code, string Reason)> failures = [];

    public void Add(Charge charge) => charges.Add(charge);

    public void AddFailure(string code, string reason)
    {
        failures.Add((charges.Count, code, PlainText.Line(reason, LongestReason)));
        charges.Add(default);
    }

    public void CopyTo(WireWriter frame, bool isSpent, TimeSpan cost)
    {
        frame.Byte(isSpent ? (byte)1 : (byte)0);
        frame.Int64((long)cost.TotalMicroseconds);
        frame.Int32(charges.Count);
        var failed = 0;
        for (var i = 0; i < charges.Count; i++)
            if (failed < failures.Count && failures[failed].Place == i)
                Failure(frame, failures[failed++]);
            else
                Rated(frame, charges[i]);
    }

    static void Rated(WireWriter frame, Charge charge)
    {
        var lines = charge.Lines.IsDefault ? [] : charge.Lines;
        frame.Byte((byte)(lines.IsEmpty ? OutcomeKind.Amount : OutcomeKind.Charge));
        frame.Decimal(charge.Amount);
        if (lines.IsEmpty)
            return;
        frame.Int32(lines.Length);
        foreach (var line in lines)
            frame.Text(line ?? "");
    }

    static void Failure(WireWriter frame, (int Place, string Code, string Reason) failure)
    {
        frame.Byte((byte)OutcomeKind.Failed);
        frame.Text(failure.Code);
        frame.Text(failure.Reason);
    }
}
