namespace IspHost.Scripting.Workers;

/// <summary>The beginning of what a worker says on standard error. The rest is read and forgotten: a full pipe would stop it.</summary>
sealed class LastWords(StreamReader error)
{
    const int Kept = 2_000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly Task<string> reading = ReadAllAsync(error);

    /// <summary>All there is, once the process has ended.</summary>
    public async Task<string> ReadAsync()
    {
        try
        {
            return await reading.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            return "";
        }
    }

    static async Task<string> ReadAllAsync(StreamReader error)
    {
        var kept = "";
        var buffer = new char[1024];
        while (await error.ReadAsync(buffer) is > 0 and var read)
            if (kept.Length < Kept)
                kept += new string(buffer, 0, read);
        return kept.Length > Kept ? kept[..Kept] : kept;
    }
}
