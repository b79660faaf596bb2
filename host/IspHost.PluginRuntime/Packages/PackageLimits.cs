namespace IspHost.PluginRuntime;

/// <summary>How much a package may be. What the archive says of itself is not believed: bytes are counted while they are read.</summary>
sealed record PackageLimits
{
    /// <summary>How many entries the archive has.</summary>
    public int Entries { get; init; } = 2_000;

    /// <summary>Of the archive, and of all its files together.</summary>
    public long Bytes { get; init; } = 200 * 1024 * 1024;

    /// <summary>How many times the archive's bytes its files may have together.</summary>
    public int Ratio { get; init; } = 100;

    /// <summary>Of the archive's directory: the names of all entries.</summary>
    public long DirectoryBytes { get; init; } = 1024 * 1024;

    /// <summary>Of the list of files.</summary>
    public int ListBytes { get; init; } = 1024 * 1024;

    /// <summary>Of the signature.</summary>
    public int SignatureBytes { get; init; } = 16 * 1024;
}
