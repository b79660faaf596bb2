namespace IspHost.Scripting.Workers;

/// <summary>A worker cannot go on: it is dead, or silent, or answers what nobody asked.</summary>
sealed class WorkerLost(string code, string reason) : IOException(reason)
{
    /// <summary>What the item gets that is found to be the cause.</summary>
    public string Code { get; } = code;

    /// <summary>It was silent for too long: trying the same again would cost as long again.</summary>
    public bool IsHang { get; private init; }

    /// <summary>The machine gave it no processor time: nobody's script is to blame.</summary>
    public bool IsStarved { get; private init; }

    public static WorkerLost Silent() => new("SBX203", "The script gave no sign of life and was stopped.") { IsHang = true };

    public static WorkerLost Starved()
        => new(Codes.NotRun, "The machine was too busy to run the script: try again.") { IsStarved = true };

    public static WorkerLost Babbling() => new("SBX205", "The worker answered what nobody asked and was stopped.");

    /// <summary>The runtime says on its way out why it goes.</summary>
    public static WorkerLost Dead(string lastWords) => lastWords switch
    {
        _ when lastWords.Contains("Stack overflow", StringComparison.Ordinal) => new("SBX202", "The script's calls were nested too deep."),
        _ when lastWords.Contains("Out of memory", StringComparison.OrdinalIgnoreCase) => new("SBX201", "The script used too much memory."),
        _ => new("SBX205", "The worker that ran the script died."),
    };
}
