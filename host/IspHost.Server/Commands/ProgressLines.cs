using System.Globalization;

namespace IspHost.Server.Commands;

/// <summary>Decides when a wait is worth a line: not for a short one, not at every change, and never after long silence.</summary>
sealed class ProgressLines
{
    static readonly TimeSpan BetweenChanges = TimeSpan.FromSeconds(3);

    /// <summary>With a second between two looks nobody hears nothing for five.</summary>
    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(4);

    TimeSpan last;
    string? shown;

    /// <summary>The line to show now; null if none is due.</summary>
    /// <param name="waited">Since the beginning.</param>
    /// <param name="state">How far it is.</param>
    public string? Due(TimeSpan waited, string state)
    {
        if (waited - last < (state == shown ? LongestSilence : BetweenChanges))
            return null;
        (last, shown) = (waited, state);
        return LineOf(waited, state);
    }

    public static string LineOf(TimeSpan waited, string state)
        => string.Create(CultureInfo.InvariantCulture, $"{waited.TotalSeconds,4:0} s  {state}");
}
