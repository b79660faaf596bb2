namespace IspHost.Core.Work;

/// <summary>Pauses between attempts: each twice the one before, up to a longest.</summary>
public sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The pause after so many failures in a row, at least one.</summary>
    public TimeSpan After(int failures)
        => First * Math.Pow(2, Math.Min(failures - 1, 20)) is var pause && pause < Longest ? pause : Longest;
}
