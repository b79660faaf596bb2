namespace IspHost.Benchmarks;

/// <summary>How much to measure: a quick run shows that all works, a full one gives figures to be quoted.</summary>
sealed record Effort(bool IsQuick)
{
    public int Runs => Of(quick: 3, full: 9);

    public int Of(int quick, int full) => IsQuick ? quick : full;
}
