namespace IspHost.Core.Changes;

/// <summary>Which life of the database it is, as far as this node knows.</summary>
public sealed class DatabaseLife
{
    int number;

    internal int Number => Volatile.Read(ref number);

    /// <summary>The database is another one from now on: whatever was read before counts as older.</summary>
    internal void BeginAnew() => Interlocked.Increment(ref number);
}
