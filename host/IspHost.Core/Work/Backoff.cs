namespace IspHost.Core.Work;

/// <summary>Pauses between attempts: each twice the one before, up to a longest.</summary>
public sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The pause after so many failures in a row, at least one.</summary>
    public TimeSpan After(int failures)
        => First * Math.Pow(2, Math.Min(failures - 1, 20)) is var pause && pause < Longest ? pause : Longest;

    /// <summary>The same as SQL: an interval.</summary>
    /// <param name="failures">The column that counted them before this one.</param>
    /// <param name="first">Where the seconds of the first pause stand, such as <c>$2</c>.</param>
    /// <param name="longest">Where those of the longest stand.</param>
    public static string Sql(string failures, string first, string longest)
        => $"make_interval(secs => least({first} * 2 ^ least({failures}, 20), {longest}))";
}
